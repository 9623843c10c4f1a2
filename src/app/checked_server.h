// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/stop.h"
#include "base/clock.h"
#include "health/kinds.h"
#include "health/pace.h"
#include "health/standing.h"
#include "health/way.h"
#include "upstream/server.h"

namespace hawser::app {

/// How one server, or its agent, is asked. Two that are equal need no new asking.
struct check_plan {
    std::optional<health::choice> kind;  ///< nothing: its agent
    std::string says = {};               ///< to an agent
    health::pace pace;
    std::chrono::milliseconds timeout{0};
    health::standing_rules rules;
    health::way way;

    friend bool operator==(const check_plan&, const check_plan&) = default;
};

/// What is known of a server's checks; what a change of plan leaves as it is.
struct check_record {
    struct last_check {
        bool passed = false;
        std::string text;
        std::chrono::milliseconds took{0};
        steady_time ended;
    };

    std::optional<last_check> last;  ///< that could be made
    std::map<std::string_view, std::uint64_t> by_result;
    std::uint64_t ups = 0;
    std::uint64_t downs = 0;
};

/// One server under checks, or its agent, by one plan. One that is asked otherwise is another one.
struct checked_server {
    checked_server(std::shared_ptr<upstream::server> about, check_plan by,
                   std::shared_ptr<const health::check> with, std::shared_ptr<health::standing> how,
                   stop_source& over)
        : server(std::move(about)),
          plan(std::move(by)),
          asked(std::move(with)),
          standing(std::move(how)),
          ended(over) {}

    const std::shared_ptr<upstream::server> server;
    const check_plan plan;
    const std::shared_ptr<const health::check> asked;
    const std::shared_ptr<health::standing> standing;  ///< of the server, by checks and agent
    check_record record;
    linked_stop_source ended;  ///< no longer checked so
};

}  // namespace hawser::app
