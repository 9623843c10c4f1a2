// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "crypto/key_ring.h"

namespace hawser::crypto {

/// Why something sealed does not open.
enum class seal_fault : std::uint8_t {
    cut,          ///< too short to be sealed at all
    unknown_key,  ///< sealed with a key that is not on the ring
    broken,       ///< changed on its way, sealed for another purpose, or with other associated data
};

/// Encrypts and authenticates short texts for one purpose, such that any holder of the key ring can
/// open them: AES-256-GCM, with a nonce that cannot repeat.
///
/// The key of a purpose is never used itself. Each sealer draws a random 128-bit salt at its start,
/// and again after `seals_per_salt` seals, and works with a subkey derived from both; the nonce is
/// a counter. So sealers of other workers, processes and nodes never share a nonce with this one,
/// and no state need survive a restart.
///
/// Sealed is `key id (4) | salt (16) | count (4) | text | tag (16)`.
///
/// One sealer belongs to one thread: each worker has its own, with a salt of its own.
class sealer {
  public:
    static constexpr std::size_t overhead = 4 + 16 + 4 + 16;
    static constexpr std::uint64_t seals_per_salt_max = std::uint64_t{1} << 32;

    /// `purpose` separates what this seals from all else sealed with the ring; it never changes.
    /// The ring is read here and not kept.
    sealer(const key_ring& ring, std::string_view purpose,
           std::uint64_t seals_per_salt = seals_per_salt_max);
    ~sealer();
    sealer(const sealer&) = delete;
    sealer& operator=(const sealer&) = delete;

    /// Seals `plain` into `out`, which is exactly `overhead` bytes longer. `associated` is covered
    /// but does not travel: who opens it must know it.
    void seal(std::span<const std::uint8_t> plain, std::span<const std::uint8_t> associated,
              wall_time now, std::span<std::uint8_t> out);

    /// Opens `sealed` into `out`, which is exactly `overhead` bytes shorter. On a fault, `out`
    /// holds nothing of what was sealed.
    [[nodiscard]] std::expected<void, seal_fault> open(std::span<const std::uint8_t> sealed,
                                                       std::span<const std::uint8_t> associated,
                                                       std::span<std::uint8_t> out);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace hawser::crypto
