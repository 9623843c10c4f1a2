// SPDX-License-Identifier: Apache-2.0
// What a request does where its session's home serves it, or others may not (docs/policies.md).

#include <array>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/home_policy.h"

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

/// The session may be worth more than others from this request on.
void exchange::note_value(const http::request_head& head) {
    if (affinity_ == nullptr || session_.before.is_valuable) return;
    if (!shows_value(pool_->setup->servers->settings().valuable, found_, head)) return;
    session_.before.is_valuable = true;
    station_.sessions.set_valuable(session_.handle, true);
}

/// Its home cannot serve it now, and no other server is to.
bool exchange::stays_with_home() {
    const session_case present = present_case();
    const auto rule = rule_without_home(present, cause_);
    if (rule == without_home::waits) return true;
    if (cause_ != cause::home_down || !present.is_settled()) return false;
    return is_within_home_wait() || rule == without_home::is_refused;
}

/// Its home is down, and it waits for it still, or from now on.
bool exchange::is_within_home_wait() {
    const auto wait = when_home_is_down(present_case()).wait;
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
    cause_ = found_.is_doubted() ? cause::other_client : cause::none;
    if (session_.away) station_.sessions.set_away(session_.handle, false);
    session_.away = false;
}

/// Its home stays its home, though another server serves it until that is back.
void exchange::be_away() {
    verdict_ = verdict::spilled;
    if (!session_.away) station_.sessions.set_away(session_.handle, true);
    session_.away = true;
}

/// Nobody else can have the session, so it stays where it was free to leave, until the drain ends.
upstream::server* exchange::stay_at_home() {
    upstream::server* const home = last_resort_at_home(present_case());
    if (home == nullptr) return nullptr;
    if (!home->admits_home(station_.now().steady) && !pool_->setup->servers->is_in_panic())
        return nullptr;
    verdict_ = verdict::hit;
    cause_ = cause::none;
    return home;
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
