// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/variables.h"

namespace hawser::app {

/// Where state lives when the file does not say: the service manager's place, else the user's own.
[[nodiscard]] std::string default_state_directory(const config::variables& known);

/// The key ring's file in that directory.
[[nodiscard]] inline std::string keys_in(const std::string& state) { return state + "/keys"; }

}  // namespace hawser::app
