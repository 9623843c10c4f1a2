// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/state_directory.h"

#include <string_view>

namespace hawser::app {

std::string default_state_directory(const config::variables& known) {
    const auto value = [&](std::string_view name) { return known(name).value_or(std::string()); };
    // The service manager gives a list, separated by colons, where a unit names several.
    if (const auto state = value("STATE_DIRECTORY"); !state.empty())
        return state.substr(0, state.find(':'));
    // The base directory specification says to ignore a path that is not absolute.
    if (const auto state = value("XDG_STATE_HOME"); state.starts_with('/'))
        return state + "/hawser";
    if (const auto home = value("HOME"); home.starts_with('/'))
        return home + "/.local/state/hawser";
    return "/var/lib/hawser";
}

}  // namespace hawser::app
