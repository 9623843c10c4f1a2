// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hawser::app {

inline constexpr std::string_view version = "0.1.0";

/// The commit that was built, short; empty where the sources came without their history.
[[nodiscard]] std::string_view revision() noexcept;

}  // namespace hawser::app
