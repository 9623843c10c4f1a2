// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/configuration.h"

/// Who reaches what by the routes of a configuration.
namespace hawser::app {

/// Both lists let the same thing through; an empty one lets everything.
[[nodiscard]] bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// One browser may send requests to both.
[[nodiscard]] bool share_a_host(const route& a, const route& b);

/// Routes to both pools share a host.
[[nodiscard]] bool lead_to_one_host(const configuration& given, std::string_view pool,
                                    std::string_view other);

/// A listener without TLS takes requests for it.
[[nodiscard]] bool is_reached_in_clear(const configuration& given, const route& way);

/// The same of a pool.
[[nodiscard]] bool is_reached_in_clear(const configuration& given, std::string_view pool);

}  // namespace hawser::app
