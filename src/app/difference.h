// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "admin/operations.h"
#include "app/effective.h"
#include "config/node.h"

namespace hawser::app {

/// The parts in which one configuration differs from another. To find them each value is looked
/// at, but nothing is made of those that are equal: a reload makes only what stands here.
struct changed_parts {
    // Names of those that come, change or go, in their order.
    std::vector<std::string> pools = {};
    std::vector<std::string> listeners = {};
    bool routes = false;
    bool sessions = false;
};

[[nodiscard]] changed_parts parts_changed(const effective& before, const effective& after);

/// What differs between two trees, a line each for people: `pools.shop.servers.c: added`,
/// `pools.shop.servers.a.weight: 1 -> 3`, `routes: changed`.
[[nodiscard]] std::vector<std::string> differences(const config::node& before,
                                                   const config::node& after);

/// The servers of `before` whose sessions have to go elsewhere when `after` is served by: those
/// that are gone, and those that are newly in maintenance. Only in these pools, which are all that
/// differ.
[[nodiscard]] std::vector<hawser::admin::abandoned> abandoned_by(
    const effective& before, const effective& after, std::span<const std::string> changed);

}  // namespace hawser::app
