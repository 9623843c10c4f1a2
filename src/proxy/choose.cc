// SPDX-License-Identifier: Apache-2.0
// Step 5 of a request's way: home if it may serve this session, else the balancer's choice.

#include <algorithm>
#include <array>
#include <utility>

#include "balance/rendezvous.h"
#include "base/hash.h"
#include "proxy/exchange.h"

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

namespace {

/// So often others may take the last place of a server that was chosen; then all counts as full.
constexpr int races_max = 4;

/// The same in every process.
std::uint64_t hash_of(const session_id& session) {
    return stable_hash({reinterpret_cast<const char*>(session.bytes.data()), session.bytes.size()});
}

}  // namespace

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
    upstream::server* chosen = is_within_limits() ? find_server(offered) : nullptr;
    for (int race = 0; chosen != nullptr && race < races_max; ++race) {
        if (place_.is_of(chosen->places) || chosen->places.take(place_)) {
            target_ = &pool_->post_of(*chosen);
            return target_;
        }
        needs_fresh_ = false;
        chosen = find_server(nullptr);
    }
    if (crowded_ == shortage::none) see_why_none();
    place_ = {};
    target_ = nullptr;
    return nullptr;
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

/// Where a request without an answer is sent once more; null: nowhere.
upstream::server* exchange::repeat_at_home() {
    if (again_ == nullptr) return nullptr;
    upstream::server* const chosen = std::exchange(again_, nullptr)->server.get();
    if (session_.home.home == chosen->id()) cause_ = cause::none;
    return chosen;
}

/// The home that it has is known to whoever asks: it was not given by this very request.
bool exchange::has_settled_home() const {
    return session_.home.home != no_server_id && verdict_ != verdict::fresh &&
           verdict_ != verdict::moved;
}

/// Its home cannot serve it now, and no other server is to.
bool exchange::stays_with_home() {
    const auto& settings = pool_->setup->servers->settings();
    if (cause_ == cause::home_full) return settings.when_home_is_full == upstream::home_full::wait;
    if (cause_ != cause::home_down || !has_settled_home()) return false;
    return is_within_home_wait() || settings.when_home_is_down.then == upstream::home_down::refuse;
}

/// Its home is down, and it waits for it still, or from now on.
bool exchange::is_within_home_wait() {
    const auto wait = pool_->setup->servers->settings().when_home_is_down.wait;
    if (wait.count() == 0) return false;
    const steady_time now = station_.now().steady;
    auto& ends = its_stake().home_wait_ends;
    if (ends == steady_time()) ends = now + wait;
    return now < ends;
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
    else if (pool_->setup->servers->is_only_full(tried_))
        crowded_ = shortage::full;
}

/// The session's home, if it has one that may serve it now; else the cause says why not.
upstream::server* exchange::home_for_session() {
    if (affinity_ == nullptr) return nullptr;
    const server_id id = session_.home.home;
    if (id == no_server_id) {
        cause_ = found_.why;
        return nullptr;
    }
    upstream::server* home = pool_->setup->servers->find(id);
    // What this very request has bound cannot have been forgotten.
    const bool is_stale = home != nullptr && verdict_ == verdict::none && has_forgotten(*home);
    if (is_stale) found_.carried.reset();  // so the client is told anew
    if (home == nullptr) {
        cause_ = cause::unknown_server;
    } else if (std::ranges::find(tried_, home) != tried_.end()) {
        cause_ = cause::home_down;
    } else if (home->state() == upstream::admin_state::maintenance) {
        cause_ = cause::maintenance;
    } else if (is_let_go(*home)) {
        cause_ = cause::drained;
    } else if (home->places.is_full() && !place_.is_of(home->places) &&
               (home->health.is_up() || pool_->setup->servers->is_in_panic())) {
        cause_ = cause::home_full;
    } else if (is_stale && !home->takes_new()) {
        cause_ = cause::stale;
    } else if (!home->admits_home(station_.now().steady) && !pool_->setup->servers->is_in_panic()) {
        cause_ = cause::home_down;
    } else if (is_stale && session_.away) {
        cause_ = cause::stale;  // whoever has served it meanwhile knows more of it
    } else if (is_stale) {
        begin_anew();
        return &bind(*home);
    } else if (upstream::server* lighter = lighter_than(*home)) {
        verdict_ = verdict::moved;
        cause_ = cause::rebalanced;
        return &bind(*lighter);
    } else {
        come_home();
        return home;
    }
    return nullptr;
}

/// A home that this very request has bound keeps the verdict of its binding.
void exchange::come_home() {
    if (verdict_ == verdict::fresh || verdict_ == verdict::moved) return;
    verdict_ = session_.away ? verdict::returned : verdict::hit;
    cause_ = cause::none;
    if (session_.away) station_.sessions.set_away(session_.handle, false);
    session_.away = false;
}

/// Its home stays its home, though another server serves it until that is back.
void exchange::be_away() {
    verdict_ = verdict::spilled;
    if (!session_.away) station_.sessions.set_away(session_.handle, true);
    session_.away = true;
}

/// The home drains, and its terms let go of a session that stands as this one did. One that wants
/// a WebSocket is asked as one that has it.
bool exchange::is_let_go(const upstream::server& home) const {
    if (verdict_ != verdict::none) return false;  // this very request has bound it
    auto before = session_.before;
    before.has_tunnel |= asked_.wants_websocket;
    return home.lets_go(before);
}

/// Nobody else can have the session, so it stays where it was free to leave, until the drain ends.
upstream::server* exchange::stay_at_home() {
    upstream::server* home = pool_->setup->servers->find(session_.home.home);
    const bool can_serve =
        home != nullptr && !home->is_drained() && std::ranges::find(tried_, home) == tried_.end() &&
        (home->admits_home(station_.now().steady) || pool_->setup->servers->is_in_panic());
    if (!can_serve) return nullptr;
    verdict_ = verdict::hit;
    cause_ = cause::none;
    return home;
}

/// A server that lacks sessions, where the home has too many and this one may move; null: it stays.
upstream::server* exchange::lighter_than(upstream::server& home) {
    if (verdict_ != verdict::none || !home.balance.lets_go(session_.before)) return nullptr;
    if (station_.sessions.is_shared()) return nullptr;  // it can wait until one process serves
    auto& usable = pool_->tools->candidates;
    usable.clear();
    for (const auto& each : pool_->setup->servers->servers())
        if (each->balance.lacks() && each->is_usable_for_new()) usable.push_back(each.get());
    if (usable.empty() || !home.balance.take_one()) return nullptr;
    auto& picked =
        pool_->tools->balancer->pick({.hash = hash_, .now = station_.now().steady}, usable);
    return reserve_session(picked) ? &picked : nullptr;
}

/// The home is another process than the one that the session was bound to, as far as we know.
bool exchange::has_forgotten(const upstream::server& home) const {
    if (pool_->setup->servers->settings().shares_data) return false;
    if (session_.before.may_move) return false;
    const wall_time given{std::chrono::seconds(session_.home.issued)};
    return !home.is_still(session_.home.instance, given);
}

/// Whatever the session had in its home's memory is lost: there it is as good as new (E154).
void exchange::begin_anew() {
    verdict_ = verdict::fresh;
    cause_ = cause::stale;
    pool_->counters->affinity_invalid.add(affinity::name_of(cause_), found_.led_by->is().kind);
}

/// By its home's word the session goes elsewhere with its next request: to that server, or if there
/// is none that may have it, to another one; it stays where it is if there is none at all.
void exchange::leave_home(std::string_view successor) {
    upstream::server& present = *target_->server;
    if (session_.home.home != present.id()) return;
    const upstream::pool& servers = *pool_->setup->servers;
    upstream::server* next = servers.find(successor);
    if (next == nullptr || next == &present || !next->is_fit_for_new()) {
        const std::array<const upstream::server*, 1> left{&present};
        const auto usable = servers.candidates({.now = station_.now().steady, .tried = left},
                                               pool_->tools->candidates);
        if (usable.empty()) return;
        next = &first_choice(usable);
    }
    if (!reserve_session(*next)) return;
    verdict_ = verdict::moved;
    cause_ = cause::application;
    bind(*next);
}

/// A new home: the one that has given a place, or by the balancer.
upstream::server* exchange::pick_home(upstream::server* offered) {
    upstream::server* picked = offered != nullptr ? offered : pick_candidate();
    if (picked == nullptr || affinity_ == nullptr) return picked;

    const bool had_home = session_.home.home != no_server_id;
    // A full home stays home: the session comes back to it when there is room.
    const bool may_move =
        pool_->setup->servers->settings().when_home_is_full == upstream::home_full::move;
    if (had_home && cause_ == cause::home_full && !may_move) {
        verdict_ = verdict::spilled;
        return picked;
    }
    if (has_settled_home() && cause_ == cause::home_down &&
        pool_->setup->servers->settings().returns_home) {
        be_away();
        return picked;
    }
    if (!reserve_session(*picked)) return nullptr;
    if (had_home && cause_ == cause::stale && !session_.away)
        begin_anew();
    else
        verdict_ = had_home ? verdict::moved : verdict::fresh;
    return &bind(*picked);
}

/// Where others of its crowd live, or by the balancer. Whoever moves while two processes serve,
/// moves to the same server in both.
upstream::server& exchange::first_choice(balance::candidates usable) {
    const bool had_home = affinity_ != nullptr && session_.home.home != no_server_id;
    if (had_home && station_.sessions.is_shared())
        return balance::highest_bid(hash_of(session_.home.session), usable, {{}, usable});
    if (had_home && prefers_successor())
        return balance::highest_bid(
            found_.key.empty() ? hash_of(session_.home.session) : found_.key.hash[0], usable,
            {{}, usable});
    if (!had_home && found_.advised != no_server_id) {
        const auto* const home = pool_->setup->servers->find(found_.advised);
        const auto place = std::ranges::find(usable, home);
        if (place != usable.end()) return **place;
    }
    return pool_->tools->balancer->pick({.hash = hash_, .now = station_.now().steady}, usable);
}

bool exchange::prefers_successor() const {
    return pool_->setup->servers->settings().when_home_is_down.then ==
           upstream::home_down::successor;
}

/// The one who is named to stand in for its home, or for that one in turn, with a place there;
/// null: none of them can have it.
upstream::server* exchange::named_successor() {
    const upstream::pool& servers = *pool_->setup->servers;
    if (affinity_ == nullptr || !prefers_successor()) return nullptr;
    server_id after = session_.home.home;
    for (std::size_t steps = servers.servers().size(); steps > 0; --steps) {
        upstream::server* const next = servers.successor_of(after);
        if (next == nullptr || next->id() == session_.home.home) return nullptr;
        const bool was_tried = std::ranges::find(tried_, next) != tried_.end();
        if (!was_tried && next->is_usable_for_new() && next->places.take(place_)) return next;
        after = next->id();
    }
    return nullptr;
}

/// With a place, before the session is bound there.
upstream::server* exchange::pick_candidate() {
    if (upstream::server* const named = named_successor()) return named;
    for (int race = 0; race < races_max; ++race) {
        const auto usable = pool_->setup->servers->candidates(
            {.now = station_.now().steady, .tried = tried_, .is_repeatable = asked_.is_repeatable},
            pool_->tools->candidates);
        if (usable.empty()) return nullptr;
        upstream::server& picked = first_choice(usable);
        if (picked.places.take(place_)) return &picked;
    }
    return nullptr;
}

/// There is room for one more session; nobody else may have it then.
bool exchange::reserve_session(upstream::server& at) const {
    return session_.home.home == at.id() || !counts_sessions(at) || at.sessions.take();
}

bool exchange::counts_sessions(const upstream::server& at) const {
    return pool_->tools->needs.sessions || at.sessions.maximum() != 0;
}

/// The session's home from now on, agreed upon with whoever chooses for it at the same time. There
/// is room reserved for it where it was not yet.
upstream::server& exchange::bind(upstream::server& picked) {
    const bool was_reserved = session_.home.home != picked.id() && counts_sessions(picked);
    session_.home = station_.sessions.claim(
        session_.handle, session_.home,
        {.home = picked.id(), .instance = picked.instance(), .why = cause_}, station_.now());
    if (session_.home.home == picked.id()) return picked;

    // Another request of the session was faster: its home is this one's too, unless it has failed.
    if (was_reserved) picked.sessions.subtract();
    upstream::server* agreed = pool_->setup->servers->find(session_.home.home);
    const bool is_usable = agreed != nullptr && std::ranges::find(tried_, agreed) == tried_.end() &&
                           agreed->admits_home(station_.now().steady);
    return is_usable ? *agreed : picked;
}

}  // namespace hawser::proxy
