// SPDX-License-Identifier: Apache-2.0
// Step 5 of a request's way: home if it may serve this session, else the balancer's choice.

#include <algorithm>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/home_policy.h"

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

/// The next server to try, with a place there; null when none is left, and `crowded_` says if that
/// is for want of a place.
server_post* exchange::choose_server() {
    // The same server once more: nobody comes in between.
    if (!needs_fresh_) place_ = {};
    return choose_with(nullptr);
}

/// The same; `offered` has given it a place, if it is not null.
server_post* exchange::choose_with(upstream::server* offered) {
    mark_.reset();
    crowded_ = shortage::none;
    waits_for_home_ = false;
    release_ = nullptr;
    upstream::server* chosen = is_within_limits() ? find_server(offered) : nullptr;
    for (int race = 0; chosen != nullptr && race < races_max; ++race) {
        if (place_.is_of(chosen->places) || chosen->places.take(place_)) {
            target_ = &pool_->post_of(*chosen);
            if (told_) [[unlikely]]
                explain_choice();
            return target_;
        }
        needs_fresh_ = false;
        chosen = find_server(nullptr);
    }
    if (crowded_ == shortage::none) see_why_none();
    place_ = {};
    target_ = nullptr;
    if (told_) [[unlikely]]
        explain_choice();
    return nullptr;
}

void exchange::explain_choice() {
    const auto& pool = *pool_->setup->servers;
    told_->choices.push_back(
        {.candidates = candidates_of(pool, tried_, session_.home.home, release_),
         .server = target_ != nullptr ? target_->server->name() : std::string(),
         .verdict = affinity::name_of(verdict_),
         .cause = affinity::name_of(cause_)});
}

upstream::server* exchange::find_server(upstream::server* offered) {
    upstream::server* chosen = nullptr;
    if (needs_fresh_ && target_ != nullptr && server_ == nullptr) {
        chosen = target_->server.get();  // the same once more, on a new connection
        if (std::ranges::find(tried_, chosen) != tried_.end()) chosen = nullptr;
    }
    if (chosen == nullptr) chosen = home_for_session();
    if (chosen == nullptr) {
        waits_for_home_ = stays_with_home();
        if (waits_for_home_) return repeat_at_home();
        chosen = pick_home(offered);
    }
    if (chosen == nullptr && cause_ == cause::drained) chosen = stay_at_home();
    if (chosen == nullptr) chosen = repeat_at_home();
    return chosen;
}

/// What the pool may have to do at once: whoever is beyond that is refused before a server is
/// chosen.
bool exchange::is_within_limits() {
    const auto& limits = pool_->setup->servers->settings().limits;
    if (!limits.concerns_requests()) return true;
    auto& crowd = pool_->setup->servers->crowd();
    auto& place = its_stake().in_pool;
    if (!place.is_of(crowd.requests) && !crowd.requests.take(place)) {
        crowded_ = shortage::circuit_breaker;
        return false;
    }
    if (limits.error_percent == 0 || tries_circuit_ || crowd.circuit.is_up()) return true;
    tries_circuit_ = crowd.circuit.take_trial(station_.now().steady);
    if (!tries_circuit_) crowded_ = shortage::circuit_open;
    return tries_circuit_;
}

exchange::stake& exchange::its_stake() {
    if (!stake_) stake_ = std::make_unique<stake>();
    return *stake_;
}

void exchange::see_why_none() {
    if (waits_for_home_)
        crowded_ = cause_ == cause::home_down ? shortage::home_down : shortage::home_full;
    else if (pool_->setup->servers->is_only_full(tried_, release_))
        crowded_ = shortage::full;
}

/// The session's home, if it has one that may serve it now; else the cause says why not.
upstream::server* exchange::home_for_session() {
    if (affinity_ == nullptr) return nullptr;
    at_home told = ask_home(present_case());
    if (told.is_stale) found_.carried.reset();  // so the client is told anew
    if (told.needs_trial && !told.home->health.take_trial(station_.now().steady) &&
        !pool_->setup->servers->is_in_panic())
        told.why = cause::home_down;
    if (told.why != cause::none || told.home == nullptr) {
        cause_ = told.why;
        if (cause_ == cause::stale && session_.away) tried_.push_back(told.home);
        return nullptr;
    }
    if (told.is_stale) {
        begin_anew();
        return &bind(*told.home);
    }
    if (upstream::server* lighter = lighter_than(*told.home)) {
        verdict_ = verdict::moved;
        cause_ = cause::rebalanced;
        return &bind(*lighter);
    }
    come_home();
    return told.home;
}

/// A new home: the one that has given a place, or by the balancer.
upstream::server* exchange::pick_home(upstream::server* offered) {
    upstream::server* picked = offered != nullptr ? offered : pick_candidate();
    if (picked == nullptr || affinity_ == nullptr) return picked;
    const auto rule = rule_without_home(present_case(), cause_);
    if (rule == without_home::spills) {
        verdict_ = verdict_of(rule);
        return picked;
    }
    if (rule == without_home::is_away) {
        be_away();
        return picked;
    }
    if (!reserve_session(*picked)) return nullptr;
    if (rule == without_home::begins_anew)
        begin_anew();
    else
        verdict_ = verdict_of(rule);
    return &bind(*picked);
}

/// The session's home from now on, agreed upon with whoever chooses for it at the same time. There
/// is room reserved for it where it was not yet.
upstream::server& exchange::bind(upstream::server& picked) {
    has_bound_ = true;
    const bool was_reserved = session_.home.home != picked.id() && counts_sessions(picked);
    upstream::server* agreed = nullptr;
    for (int race = 0; race < races_max && agreed == nullptr; ++race) {
        session_.home = station_.sessions.claim(
            session_.handle, session_.home,
            {.home = picked.id(), .instance = picked.instance(), .why = cause_}, station_.now());
        if (session_.home.home == picked.id()) return picked;
        // Another request of the session was faster: its home is this one's too. If that cannot
        // serve it, the session moves on, so that the others meet this one where it goes.
        agreed = usable_home();
    }
    if (was_reserved) picked.sessions.subtract();
    return agreed != nullptr ? *agreed : picked;
}

/// The home that another request has given the session; null: this one cannot go there.
upstream::server* exchange::usable_home() const {
    upstream::server* home = pool_->setup->servers->find(session_.home.home);
    const bool is_usable = home != nullptr && std::ranges::find(tried_, home) == tried_.end() &&
                           home->admits_home(station_.now().steady);
    return is_usable ? home : nullptr;
}

}  // namespace hawser::proxy
