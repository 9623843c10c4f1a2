// SPDX-License-Identifier: Apache-2.0
#include "app/drains.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/hash.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using upstream::admin_state;
using upstream::session_class;

/// A walk looks at so many sessions.
constexpr std::size_t walk_looks = 4096;
constexpr std::size_t walks_a_look = limits::drain_looks / walk_looks;

/// How long an idle session holds its server: until it expires or is let go.
std::chrono::seconds linger_of(const upstream::drain_policy& by, std::chrono::seconds idle_limit) {
    const auto least = std::min(by.of(session_class::idle).idle, by.of(session_class::active).idle);
    return idle_limit.count() == 0 ? least : std::min(least, idle_limit);
}

}  // namespace

std::string_view name_of(drain_phase phase) noexcept {
    switch (phase) {
        case drain_phase::draining: return "draining";
        case drain_phase::cutting: return "cutting";
        case drain_phase::drained: return "drained";
        case drain_phase::lifted: return "lifted";
    }
    std::unreachable();
}

std::string_view drain::outcome() const noexcept {
    if (is_under_way()) return {};
    if (phase == drain_phase::lifted) return "lifted";
    return is_past_deadline ? "deadline" : ended_empty;
}

const drain& drains::begin(const upstream::pool& pool, std::shared_ptr<upstream::server> server,
                           const upstream::drain_policy& policy, steady_time now) {
    server->leaving.set(policy);
    server->have_looked_again();
    drain& one = all_[server->id()];
    if (one.is_under_way() && one.server) lift(one);
    one = {.number = ++numbers_,
           .pool = pool.name(),
           .server = std::move(server),
           .policy = policy,
           .begun = now};
    survey_.reset();  // it has seen sessions by other terms
    count(counts_.begun);
    tell(one, fmt::format("begins, for {} s at the most",
                          std::chrono::ceil<std::chrono::seconds>(policy.deadline).count()));
    return one;
}

void drains::look(const upstream::snapshot& servers, steady_time now) {
    follow(servers, now);
    survey(now);
    for (auto& [id, one] : all_)
        if (one.is_under_way()) advance(one, now);
}

const drain* drains::find(server_id server) const {
    const auto at = all_.find(server);
    return at != all_.end() ? &at->second : nullptr;
}

bool drains::is_drained(const upstream::server& one) const {
    const auto* its = find(one.id());
    return its != nullptr && its->phase == drain_phase::drained && one.is_drained();
}

/// A server's state is what counts, and servers come and go with reloads.
void drains::follow(const upstream::snapshot& servers, steady_time now) {
    if (servers.number != followed_) find_again(servers);
    for (auto& [id, one] : all_) {
        // Whoever was ready since, and drains again, has terms that nobody has given it.
        const bool was_ready = one.phase != drain_phase::draining && !one.server->leaving.is_over();
        if (one.phase != drain_phase::lifted &&
            (was_ready || one.server->state() != admin_state::drain))
            lift(one);
    }
    for (const auto& name : std::exchange(stirred_, {})) {
        const auto* pool = servers.find(name);
        if (pool == nullptr) continue;
        for (const auto& server : pool->servers()) {
            if (server->state() != admin_state::drain) continue;
            const auto* known = find(server->id());
            if (known == nullptr || known->phase == drain_phase::lifted)
                resume(*pool, server, now);
            else if (known->phase == drain_phase::draining)
                server->leaving.set(known->policy);
        }
    }
    followed_ = servers.number;
}

/// In a snapshot that is new: a server may have left, or be another object at another address.
void drains::find_again(const upstream::snapshot& servers) {
    for (auto at = all_.begin(); at != all_.end();) {
        drain& one = at->second;
        const auto* pool = servers.find(one.pool);
        auto found = pool != nullptr ? pool->share(at->first) : nullptr;
        if (found == nullptr) {
            lift(one);
            at = all_.erase(at);
            continue;
        }
        if (found != one.server && one.phase != drain_phase::lifted) {
            found->leaving.set(one.policy);
            if (one.phase != drain_phase::draining) found->leaving.end();
        }
        one.server = std::move(found);
        ++at;
    }
}

/// By what is remembered of it, else by the pool's policy. What was in drain when the process
/// started has sessions of which only their clients know: it is empty at the earliest when all of
/// them would have been let go.
void drains::resume(const upstream::pool& pool, const std::shared_ptr<upstream::server>& server,
                    steady_time now) {
    const auto known = recall_(pool, *server);
    const auto policy = known && known->policy ? *known->policy : pool.settings().drain;
    begin(pool, server, policy, now - (known ? known->age : std::chrono::milliseconds(0)));
    drain& one = all_[server->id()];
    if (known && known->number != 0) {
        one.number = known->number;
        numbers_ = std::max(numbers_, one.number);
    }
    if (known && known->is_over) return end(one, !known->was_in_time, now);
    const auto limit = idle_limits_.find(pool.id());
    if (followed_ != 0 || knows_all_ || limit == idle_limits_.end()) return;
    one.empty_from = std::min(now + linger_of(policy, limit->second), one.deadline());
}

void drains::count(std::uint64_t& what) const {
    if (!is_left_to_another_) ++what;
}

void drains::tell(const drain& one, std::string_view what) const {
    if (is_left_to_another_) return;
    observe::log(observe::level::notice,
                 fmt::format("drain of {}/{}: {}", one.pool, one.server->name(), what));
}

void drains::lift(drain& one) {
    if (one.is_under_way()) {
        count(counts_.lifted);
        tell(one, "lifted before its end");
    }
    one.phase = drain_phase::lifted;
}

/// One survey for all of them, a part of it in each look.
void drains::survey(steady_time now) {
    if (!survey_) {
        std::vector<registry::drain_survey::subject> about;
        for (const auto& [id, one] : all_)
            if (one.is_under_way()) about.push_back({.home = id, .policy = one.policy});
        if (about.empty()) return;
        survey_.emplace(std::move(about));
    }
    for (std::size_t n = 0; n < walks_a_look; ++n) {
        if (!survey_->advance(sessions_, now)) continue;
        note(*survey_);
        survey_.reset();
        return;
    }
}

void drains::note(const registry::drain_survey& found) {
    for (auto& [id, one] : all_) {
        const auto* left = found.find(id);
        if (left == nullptr || !one.is_under_way()) continue;
        one.left = *left;
        const auto pool = pool_id_of(one.pool);
        const auto limit = idle_limits_.find(pool);
        if (limit == idle_limits_.end()) continue;
        one.to_go = registry::time_to_empty(
            sessions_.counts_of(pool, {}).since_start.lifetimes, left->ages,
            linger_of(one.policy, limit->second),
            std::chrono::duration_cast<std::chrono::seconds>(one.policy.deadline));
    }
}

void drains::advance(drain& one, steady_time now) {
    if (one.phase == drain_phase::cutting) return finish(one, now);
    if (!is_shared_ && one.is_empty(now)) return end(one, false, now);
    if (now >= one.deadline()) return end(one, true, now);
    cut_by_rules(one);
}

/// From now on nobody is served there any more.
void drains::end(drain& one, bool is_past_deadline, steady_time now) {
    one.server->leaving.end();
    one.server->have_looked_again();
    one.is_past_deadline = is_past_deadline;
    one.phase = drain_phase::cutting;
    one.cut_end = now + one.policy.cut_within + limits::drain_farewell_time;
    if (is_past_deadline) tell(one, "its deadline has come, whoever is left moves");
    finish(one, now);
}

/// Ends what is under way, then lets go of the sessions that are bound there still.
void drains::finish(drain& one, steady_time now) {
    if (one.server->in_flight() != 0 && now < one.cut_end)
        return call_(*one.server,
                     {.within = one.policy.cut_within, .tunnels = true, .answers = true});
    const registry::selection its{.pool = pool_id_of(one.pool), .home = one.server->id()};
    for (std::size_t n = 0; n < walks_a_look && !one.release_at.done; ++n)
        one.released += sessions_.release(one.release_at, its);
    if (!one.release_at.done) return;
    call_(*one.server, {.unused = true});
    one.phase = drain_phase::drained;
    one.left = registry::drain_left();
    one.to_go = std::chrono::seconds(0);
    count(one.is_past_deadline ? counts_.ended_at_deadline : counts_.ended_empty);
    tell(one, fmt::format("over, {}",
                          one.is_past_deadline
                              ? fmt::format("at its deadline; {} sessions move", one.released)
                              : std::string("nobody is left")));
}

/// What a rule wants ended before the drain's own end.
void drains::cut_by_rules(const drain& one) {
    const bool tunnels = one.policy.of(session_class::tunnel).cuts;
    const bool answers = one.policy.of(session_class::active).cuts;
    if ((tunnels || answers) && one.server->in_flight() != 0)
        call_(*one.server,
              {.within = one.policy.cut_within, .tunnels = tunnels, .answers = answers});
}

void collect_drains(observe::exposition& into, const drains& from) {
    into.counter("drains_started_total", "Drains of servers that began.", {},
                 double(from.counts().begun));
    static constexpr std::string_view ended = "drains_ended_total";
    static constexpr std::string_view ended_help =
        "Drains that ended: empty, at their deadline, or lifted before.";
    into.counter(ended, ended_help, {{"outcome", "empty"}}, double(from.counts().ended_empty));
    into.counter(ended, ended_help, {{"outcome", "deadline"}},
                 double(from.counts().ended_at_deadline));
    into.counter(ended, ended_help, {{"outcome", "lifted"}}, double(from.counts().lifted));
    for (const auto& [id, one] : from.all()) {
        if (!one.left || one.phase == drain_phase::lifted) continue;
        for (std::size_t i = 0; i < upstream::session_classes; ++i)
            into.gauge("drain_sessions", "Sessions that still hold a server that drains.",
                       {{"pool", one.pool},
                        {"server", one.server->name()},
                        {"class", upstream::name_of(session_class(i))}},
                       double(one.left->staying[i]));
    }
}

}  // namespace hawser::app
