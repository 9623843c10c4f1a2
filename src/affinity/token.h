// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "affinity/binding.h"
#include "affinity/fingerprint.h"
#include "base/clock.h"
#include "base/ids.h"
#include "crypto/sealer.h"

namespace hawser::affinity {

/// The sizes of a token, in bytes and as base64url text; 81 is a multiple of 3, so the text has no
/// bits left over.
inline constexpr std::size_t token_plain_size = 38;
inline constexpr std::size_t token_head_size = 3;  // version, mark of the pool
inline constexpr std::size_t token_size =
    token_head_size + token_plain_size + crypto::sealer::overhead;
inline constexpr std::size_t token_text_size = token_size / 3 * 4;
static_assert(token_size % 3 == 0 && token_text_size == 108);

/// The same of one with a fingerprint.
inline constexpr std::size_t printed_plain_size = token_plain_size + 1 + 2 * trait_count;
inline constexpr std::size_t printed_size =
    token_head_size + printed_plain_size + crypto::sealer::overhead;
inline constexpr std::size_t printed_text_size = printed_size / 3 * 4;
static_assert(printed_size % 3 == 0 && printed_text_size == 120);

/// What a token holds.
struct token {
    binding home;
    fingerprint print = {};  ///< of the client that it was given to, as far as that was wanted

    friend constexpr bool operator==(const token&, const token&) = default;
};

/// Turns bindings into the text that a client carries, and back.
///
/// A token is `version (1) | pool's mark (2) | sealed binding`, in base64url. Version and pool are
/// associated data of the seal, its purpose is the sealer's, so another pool's token cannot open.
/// The mark, 16 keyed bits, only lets the cause tell `foreign` from `forged`. Layout and order are
/// in docs/affinity.md. One that is given with a fingerprint is of version 2 and has that behind
/// the binding; all else is version 1.
class token_codec {
  public:
    /// `mark` is any keyed hash of the pool, the same on every node.
    token_codec(pool_id pool, std::uint16_t mark, crypto::sealer& sealer);

    /// Appends the text of `what`: `token_text_size` characters, or `printed_text_size`.
    void seal(const token& what, wall_time now, std::string& out);

    /// What `text` holds, or why that is nothing: `forged` or `foreign`. Knows no time limits.
    [[nodiscard]] std::expected<token, cause> open(std::string_view text);

  private:
    /// What the seal covers besides: version, mark, pool.
    using associated = std::array<std::uint8_t, token_head_size + sizeof(pool_id)>;

    template <std::size_t Plain>
    void seal_as(const associated& with, const std::array<std::uint8_t, Plain>& plain,
                 wall_time now, std::string& out);
    template <std::size_t Plain>
    std::expected<std::array<std::uint8_t, Plain>, cause> open_as(const associated& with,
                                                                  std::string_view text);

    associated plainly_;
    associated with_print_;
    crypto::sealer& sealer_;
};

}  // namespace hawser::affinity
