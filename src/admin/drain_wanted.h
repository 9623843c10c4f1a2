// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/limits.h"
#include "config/settings.h"
#include "upstream/drain_words.h"

namespace hawser::admin {

/// How a server is to be drained: what is left out is as its pool says.
struct drain_wanted {
    std::optional<std::chrono::milliseconds> deadline;
    std::optional<upstream::leave_rule> tentative;
    std::optional<upstream::leave_rule> idle;
    std::optional<upstream::leave_rule> active;
    std::optional<upstream::leave_rule> tunnel;

    static void describe(config::fields<drain_wanted>& field) {
        using self = drain_wanted;
        field("deadline", &self::deadline, "When it ends at the latest.")
            .minimum(std::chrono::seconds(1))
            .maximum(limits::drain_deadline_max);
        field("tentative", &self::tentative, "Sessions whose key has not come back yet.");
        field("idle", &self::idle, "Sessions without a request for a while.");
        field("active", &self::active, "The others.");
        field("tunnel", &self::tunnel, "Sessions with an open WebSocket.");
    }

    /// `usual` with what is wanted here.
    [[nodiscard]] upstream::drain_policy over(upstream::drain_policy usual) const {
        if (deadline) usual.deadline = *deadline;
        const std::array<const std::optional<upstream::leave_rule>*, upstream::session_classes>
            rules = {&tentative, &idle, &active, &tunnel};
        for (std::size_t i = 0; i < rules.size(); ++i)
            if (*rules[i]) usual.rules[i] = **rules[i];
        return usual;
    }
};

}  // namespace hawser::admin
