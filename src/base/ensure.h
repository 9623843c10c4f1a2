// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <string_view>

namespace hawser {

/// Ends the process loudly, naming the place and the broken invariant.
[[noreturn]] void die(std::string_view why,
                      std::source_location place = std::source_location::current()) noexcept;

/// Checks an invariant of our own, also in release builds. Never for what a network peer does.
inline void ensure(bool holds, std::string_view why,
                   std::source_location place = std::source_location::current()) noexcept {
    if (!holds) [[unlikely]]
        die(why, place);
}

}  // namespace hawser
