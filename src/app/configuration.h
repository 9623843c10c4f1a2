// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/configuration/admin.h"
#include "app/configuration/listener.h"
#include "app/configuration/pool.h"
#include "app/configuration/process.h"
#include "app/configuration/route.h"
#include "base/limits.h"
#include "config/settings.h"

namespace hawser::app {

/// Everything that a person can set, with its defaults: a plain value, comparable. What comes out
/// of `load` (app/configuration/load.h) is checked as a whole: names lead somewhere, addresses
/// parse, no two routes are equal.
struct configuration {
    std::map<std::string, listener, std::less<>> listeners;
    std::map<std::string, pool, std::less<>> pools;
    std::vector<route> routes;
    app::sessions sessions;
    process_limits limits;
    app::admin admin;
    app::log log;
    std::string state;  ///< a directory; never empty after `load`
    std::string keys;   ///< the key ring's file; never empty after `load`
    config::switchable<std::chrono::milliseconds> snapshot_interval{limits::snapshot_interval};
    worker_count workers;
    std::chrono::milliseconds stop_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds upgrade_timeout = limits::upgrade_timeout;
    config::switchable<std::string> debug_header{};

    static void describe(config::fields<configuration>& field);
    friend bool operator==(const configuration&, const configuration&) = default;
};

}  // namespace hawser::app
