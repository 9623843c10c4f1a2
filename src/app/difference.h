// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "admin/operations.h"
#include "app/configuration.h"
#include "config/node.h"

namespace hawser::app {

/// What differs between two trees, a line each for people: `pools.shop.servers.c: added`,
/// `pools.shop.servers.a.weight: 1 -> 3`, `routes: changed`.
[[nodiscard]] std::vector<std::string> differences(const config::node& before,
                                                   const config::node& after);

/// The servers of `before` whose sessions have to go elsewhere when `after` is served by: those
/// that are gone, and those that are newly in maintenance.
[[nodiscard]] std::vector<hawser::admin::abandoned> abandoned_by(const configuration& before,
                                                                 const configuration& after);

}  // namespace hawser::app
