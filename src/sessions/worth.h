// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sessions/holding.h"
#include "store/record.h"

namespace hawser::sessions {

/// Among a record's flags: the session is worth more than others, and stays so.
inline constexpr std::uint8_t is_valuable = 1;

/// By what a session comes to be worth more than others, and which losses its data outlives then.
///
/// The same table that a pool's `valuable` has for where sessions live (docs/policies.md): who is
/// there, and the application's word. What is said of paths is said there, of sizes here.
struct worth {
    store::durability lasts = store::durability::memory;
    bool when_known = false;      ///< its user is known
    std::string user_field = {};  ///< a path in its JSON, or a field of its hash: something there
                                  ///< says who it is
    std::size_t bytes = 0;        ///< its data has grown to so many; 0: that says nothing

    /// Whether a session with that data, and that user (0: nobody is known), is valuable by it.
    [[nodiscard]] bool is_reached(std::string_view data, holding as, std::uint64_t user) const;

    friend bool operator==(const worth&, const worth&) = default;
};

}  // namespace hawser::sessions
