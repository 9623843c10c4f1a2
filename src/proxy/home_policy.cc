// SPDX-License-Identifier: Apache-2.0
// What becomes of a session at its home, and without it, by its pool's policies (docs/policies.md).

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/exchange.h"

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

/// The home that it has is known to whoever asks: it was not given by this very request.
bool exchange::has_settled_home() const {
    return session_.home.home != no_server_id && verdict_ != verdict::fresh &&
           verdict_ != verdict::moved;
}

/// The session may be worth more than others from this request on.
void exchange::note_value(const http::request_head& head) {
    const auto& rule = pool_->setup->servers->settings().valuable;
    if (affinity_ == nullptr || session_.before.is_valuable) return;
    const bool is_there = std::ranges::any_of(
        rule.paths, [&](const auto& each) { return head.path.starts_with(each); });
    if (!is_there && !(rule.when_proven && found_.is_proven)) return;
    session_.before.is_valuable = true;
    station_.sessions.set_valuable(session_.handle, true);
}

const upstream::home_down_rule& exchange::when_home_is_down() const {
    const auto& settings = pool_->setup->servers->settings();
    const auto& own = settings.valuable.when_home_is_down;
    return own && session_.before.is_valuable ? *own : settings.when_home_is_down;
}

/// Its home cannot serve it now, and no other server is to.
bool exchange::stays_with_home() {
    const auto& settings = pool_->setup->servers->settings();
    if (cause_ == cause::home_full) return settings.when_home_is_full == upstream::home_full::wait;
    if (cause_ != cause::home_down || !has_settled_home()) return false;
    return is_within_home_wait() || when_home_is_down().then == upstream::home_down::refuse;
}

/// Its home is down, and it waits for it still, or from now on.
bool exchange::is_within_home_wait() {
    const auto wait = when_home_is_down().wait;
    if (wait.count() == 0) return false;
    const steady_time now = station_.now().steady;
    auto& ends = its_stake().home_wait_ends;
    if (ends == steady_time()) ends = now + wait;
    return now < ends;
}

/// Where a request without an answer is sent once more; null: nowhere.
upstream::server* exchange::repeat_at_home() {
    if (again_ == nullptr) return nullptr;
    upstream::server* const chosen = std::exchange(again_, nullptr)->server.get();
    if (session_.home.home == chosen->id()) cause_ = cause::none;
    return chosen;
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
        const auto usable = servers.candidates(
            {.now = station_.now().steady, .tried = left, .of = servers.release_of(present.id())},
            pool_->tools->candidates);
        if (usable.empty()) return;
        next = &first_choice(usable);
    }
    if (!reserve_session(*next)) return;
    verdict_ = verdict::moved;
    cause_ = cause::application;
    bind(*next);
}

}  // namespace hawser::proxy
