// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace hawser::app {

/// Checks of settings that hold several things: what is wrong with `all`, or nothing.
struct not_empty {
    template <typename List>
    std::string operator()(const List& all) const {
        return all.empty() ? "must not be empty" : std::string();
    }
};

template <std::size_t Most>
struct no_more_than {
    template <typename List>
    std::string operator()(const List& all) const {
        return all.size() > Most ? "are more than " + std::to_string(Most) : std::string();
    }
};

}  // namespace hawser::app
