// SPDX-License-Identifier: Apache-2.0
#include "upstream/drain_policy.h"

#include <utility>

#include "config/units.h"

namespace hawser::upstream {

std::string_view name_of(session_class one) noexcept {
    switch (one) {
        case session_class::tentative: return "tentative";
        case session_class::idle: return "idle";
        case session_class::active: return "active";
        case session_class::tunnel: return "tunnel";
    }
    std::unreachable();
}

std::expected<leave_rule, std::string> parse_leave_rule(std::string_view text) {
    if (text == "finish") return leave_rule::finish();
    if (text == "move") return leave_rule::move();
    if (text == "cut") return leave_rule::cut();
    const auto idle = config::parse_duration(text);
    const auto most = std::chrono::nanoseconds(limits::session_rule_idle_max);
    if (!idle || *idle < std::chrono::seconds(1) || *idle > most)
        return std::unexpected("`" + std::string(text) +
                               "` is none of `finish`, `move`, `cut`, nor a time from 1s to " +
                               config::text_of(most));
    return leave_rule::after(std::chrono::duration_cast<std::chrono::seconds>(*idle));
}

std::string text_of(const leave_rule& rule) {
    if (rule.cuts) return "cut";
    if (rule == leave_rule::finish()) return "finish";
    if (rule == leave_rule::move()) return "move";
    return config::text_of(rule.idle);
}

}  // namespace hawser::upstream
