// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "affinity/binding.h"
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

/// Turns bindings into the text that a client carries, and back.
///
/// A token is `version (1) | pool's mark (2) | sealed binding`, in base64url. Version and pool are
/// associated data of the seal, its purpose is the sealer's, so another pool's token cannot open.
/// The mark, 16 keyed bits, only lets the cause tell `foreign` from `forged`. Layout and order are
/// in docs/affinity.md.
class token_codec {
  public:
    /// `mark` is any keyed hash of the pool, the same on every node.
    token_codec(pool_id pool, std::uint16_t mark, crypto::sealer& sealer);

    /// Appends the text of `home`, which is `token_text_size` characters.
    void seal(const binding& home, wall_time now, std::string& out);

    /// The binding of `text`, or why there is none: `forged` or `foreign`. Knows no time limits.
    [[nodiscard]] std::expected<binding, cause> open(std::string_view text);

  private:
    /// What the seal covers besides the binding: version, mark, pool.
    std::array<std::uint8_t, token_head_size + sizeof(pool_id)> associated_;
    crypto::sealer& sealer_;
};

}  // namespace hawser::affinity
