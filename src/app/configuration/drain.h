// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "config/settings.h"
#include "upstream/drain_words.h"

namespace hawser::app {

/// How the servers of a pool are drained where nobody says otherwise.
struct drain_settings {
    std::chrono::milliseconds deadline = limits::drain_deadline;
    upstream::leave_rule tentative = upstream::leave_rule::after(std::chrono::minutes(1));
    upstream::leave_rule idle;
    upstream::leave_rule active;
    upstream::leave_rule tunnel;
    std::chrono::seconds idle_after = std::chrono::minutes(1);
    std::chrono::milliseconds cut_within = limits::farewell_time;

    [[nodiscard]] upstream::drain_policy policy() const;
    [[nodiscard]] static drain_settings of(const upstream::drain_policy& policy);

    static void describe(config::fields<drain_settings>& field);
    friend bool operator==(const drain_settings&, const drain_settings&) = default;
};

}  // namespace hawser::app
