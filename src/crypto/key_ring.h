// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/secret.h"

namespace hawser::crypto {

/// Names a key in the ring's file and, in clear, in all that it sealed. Says nothing of the key.
enum class key_id : std::uint32_t {};

/// Eight hex digits, as the file and `hawser keys list` show it.
[[nodiscard]] std::string text_of(key_id id);

/// A key of the ring: it opens always, and seals from `seals_from` on until a newer one does.
struct ring_key {
    key_id id{};
    wall_time seals_from;
    secret<32> bytes;
};

/// The secrets that all nodes share (docs/keys.md): sealing keys, which rotate, and one index
/// secret, which does not. Immutable, so all workers read one; a reload makes another.
///
/// Nothing is sealed with a ring's key itself: every purpose has its own, derived with its label.
class key_ring {
  public:
    /// `keys` are not empty and have different ids.
    key_ring(std::vector<ring_key> keys, const secret<32>& index);

    /// In the order of `seals_from`, then of ids.
    [[nodiscard]] std::span<const ring_key> keys() const { return keys_; }

    /// The key that seals at `now`: the newest whose time has come, or the first if none has.
    [[nodiscard]] const ring_key& sealing_at(wall_time now) const;

    /// A secret for hashes and names that must stay the same while sealing keys rotate.
    template <std::size_t Size>
    [[nodiscard]] secret<Size> index(std::string_view purpose) const {
        secret<Size> derived;
        derive_index(purpose, derived.writable());
        return derived;
    }

  private:
    void derive_index(std::string_view purpose, std::span<std::uint8_t> out) const;

    std::vector<ring_key> keys_;
    secret<32> index_;
};

}  // namespace hawser::crypto
