// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace hawser {

/// Who a pool is for bindings and tokens: a hash of its name, the same on every node. Never 0.
enum class pool_id : std::uint64_t {};

/// Who a server is for bindings and tokens: a hash of its pool's and its own name. 0 is "no home".
enum class server_id : std::uint64_t {};

inline constexpr server_id no_server_id{};

/// 128 random bits that name one session, in every pool that shares it.
struct session_id {
    std::array<std::uint8_t, 16> bytes{};

    friend constexpr auto operator<=>(const session_id&, const session_id&) = default;
};

/// The instance mark that a server announces of itself; 0 when it announces none.
using generation = std::uint32_t;

}  // namespace hawser
