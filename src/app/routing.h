// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "app/configuration.h"
#include "app/rate_limits.h"
#include "proxy/router.h"

namespace hawser::app {

/// The configuration's routes as the proxy asks them. `place_of` a pool's name is the pool's place
/// in the snapshot. Without `rates` they have no rate limits: for looking at, not for serving.
[[nodiscard]] proxy::router make_router(
    const configuration& given, const std::function<std::size_t(std::string_view)>& place_of,
    rate_limits* rates = nullptr);

/// The same, after `former`, whose router `before` was: routes of hosts for which nothing differs
/// are the same objects.
[[nodiscard]] proxy::router make_router(
    const configuration& given, const std::function<std::size_t(std::string_view)>& place_of,
    rate_limits& rates, const configuration& former, const proxy::router& before);

/// Null for none.
[[nodiscard]] std::shared_ptr<const proxy::error_pages> pages_of(const error_pages& given);

/// Who may come by these lists; null: everybody.
[[nodiscard]] std::shared_ptr<const clients::access_list> access_of(
    const std::vector<clients::network>& allow, const std::vector<network_file>& allow_files,
    const std::vector<clients::network>& deny, const std::vector<network_file>& deny_files);

}  // namespace hawser::app
