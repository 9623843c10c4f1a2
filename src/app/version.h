// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hawser::app {

inline constexpr std::string_view version = "0.1.0";

}  // namespace hawser::app
