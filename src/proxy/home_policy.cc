// SPDX-License-Identifier: Apache-2.0
#include "proxy/home_policy.h"

#include <algorithm>
#include <utility>

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

namespace {

/// The home is another process than the one that the session was bound to, as far as we know.
bool has_forgotten(const session_case& one, const upstream::server& home) noexcept {
    // What this very request has bound cannot have been forgotten.
    if (!one.is_settled()) return false;
    if (one.servers.settings().shares_data || one.session.before.may_move) return false;
    const wall_time given{std::chrono::seconds(one.session.home.issued)};
    return !home.is_still(one.session.home.instance, given);
}

/// The home drains, and its terms let go of a session that stands as this one did. One that wants
/// a WebSocket is asked as one that has it.
bool is_let_go(const session_case& one, const upstream::server& home) noexcept {
    if (one.so_far != verdict::none) return false;  // this very request has bound it
    auto before = one.session.before;
    before.has_tunnel |= one.wants_websocket;
    return home.lets_go(before);
}

bool has_no_place(const session_case& one, const upstream::server& home) noexcept {
    return home.places.is_full() && !(one.held != nullptr && one.held->is_of(home.places)) &&
           (home.health.is_up() || one.servers.is_in_panic());
}

cause why_not_at(const session_case& one, at_home& told) noexcept {
    const upstream::server& home = *told.home;
    if (one.has_tried(home)) return cause::home_down;
    if (home.state() == upstream::admin_state::maintenance) return cause::maintenance;
    if (is_let_go(one, home)) return cause::drained;
    if (has_no_place(one, home)) return cause::home_full;
    // Whoever has served it meanwhile knows more of it.
    if (told.is_stale && (one.session.away || !home.takes_new())) return cause::stale;
    if (home.health.is_up()) return cause::none;
    told.needs_trial = home.health.is_trial_due(one.now);
    return told.needs_trial || one.servers.is_in_panic() ? cause::none : cause::home_down;
}

}  // namespace

at_home ask_home(const session_case& one) noexcept {
    at_home told;
    const server_id id = one.session.home.home;
    if (id == no_server_id) {
        told.why = one.found.why;
        return told;
    }
    told.home = one.servers.find(id);
    if (told.home == nullptr) {
        told.why = cause::unknown_server;
        return told;
    }
    told.is_stale = has_forgotten(one, *told.home);
    told.why = why_not_at(one, told);
    return told;
}

without_home rule_without_home(const session_case& one, cause why) noexcept {
    if (!one.has_home()) return without_home::begins;
    const auto& settings = one.servers.settings();
    if (why == cause::stale && !one.session.away) return without_home::begins_anew;
    // A full home stays home: the session comes back to it when there is room.
    if (why == cause::home_full && settings.when_home_is_full != upstream::home_full::move)
        return settings.when_home_is_full == upstream::home_full::wait ? without_home::waits
                                                                       : without_home::spills;
    if (why != cause::home_down || !one.is_settled()) return without_home::moves;
    if (when_home_is_down(one).then == upstream::home_down::refuse) return without_home::is_refused;
    return settings.returns_home ? without_home::is_away : without_home::moves;
}

verdict verdict_of(without_home rule) noexcept {
    switch (rule) {
        case without_home::begins:
        case without_home::begins_anew: return verdict::fresh;
        case without_home::moves: return verdict::moved;
        case without_home::spills:
        case without_home::is_away: return verdict::spilled;
        case without_home::waits:
        case without_home::is_refused: return verdict::refused;
    }
    std::unreachable();
}

const upstream::home_down_rule& when_home_is_down(const session_case& one) noexcept {
    const auto& settings = one.servers.settings();
    const auto& own = settings.valuable.when_home_is_down;
    return own && one.session.before.is_valuable ? *own : settings.when_home_is_down;
}

upstream::server* last_resort_at_home(const session_case& one) noexcept {
    upstream::server* const home = one.servers.find(one.session.home.home);
    const bool can_serve =
        home != nullptr && !home->is_drained() && !one.has_tried(*home) &&
        home->state() != upstream::admin_state::maintenance &&
        (home->health.is_up() || home->health.is_trial_due(one.now) || one.servers.is_in_panic());
    return can_serve ? home : nullptr;
}

bool shows_value(const upstream::value_rule& rule, const affinity::finding& found,
                 const http::request_head& head) {
    return (rule.when_proven && found.is_proven) ||
           std::ranges::any_of(rule.paths,
                               [&](const auto& each) { return head.path.starts_with(each); });
}

}  // namespace hawser::proxy
