// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace hawser::affinity {

/// What names a session in the registry: a keyed 128-bit hash of what the request carries.
///
/// It never holds the client's own bytes, so a log or a dump of a table gives no session away, and
/// no client can choose keys that collide (E165).
struct session_key {
    std::array<std::uint64_t, 2> hash{};

    /// No key: the request names no session, and its affinity makes none.
    [[nodiscard]] constexpr bool empty() const { return hash[0] == 0 && hash[1] == 0; }

    friend constexpr bool operator==(const session_key&, const session_key&) = default;
};

}  // namespace hawser::affinity
