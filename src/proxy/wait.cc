// SPDX-License-Identifier: Apache-2.0
// Between steps 5 and 6 of a request's way, where all is full: until there is a place at a server.

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "proxy/exchange.h"
#include "proxy/home_policy.h"
#include "proxy/waiting_room.h"

namespace hawser::proxy {

/// There would be a server but for want of a place, or its home may come back; and who asks may
/// wait for that.
bool exchange::may_wait() {
    if (pool_->setup->servers->settings().queue.length == 0) return false;
    return crowded_ == shortage::full || crowded_ == shortage::home_full ||
           (crowded_ == shortage::home_down && is_within_home_wait());
}

/// Waits for a place; then as `choose_server`. `no_server` when there is none in time, and
/// `crowded_` says why; `cancelled` when the client has left.
task<result<server_post*>> exchange::wait_for_place() {
    client_.hold();
    const steady_time began = station_.now().steady;
    linked_stop_source left(client_.gone());
    const leave_watch watched(client_.own_stream(), left);
    seat here(station_.waiting);
    const auto& settings = pool_->setup->servers->settings();
    // Who waits for a home that is down may have to wait for a place afterwards.
    const auto patience = settings.queue.timeout + when_home_is_down(present_case()).wait;
    result<server_post*> found =
        co_await with_stop(left, with_deadline_at(began + patience, take_turns(here)));
    if (!found && found.error().code == errc::timed_out) {
        crowded_ = shortage::queue_timeout;
        found = fail(errc::no_server);
    }
    if (here.has_waited) note_wait(station_.now().steady - began, found);
    co_return found;
}

void exchange::note_wait(steady_time::duration time, const result<server_post*>& found) {
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(time);
    record_.queued = std::max(record_.queued, std::chrono::microseconds(0)) + waited;
    pool_->counters->queue_duration.add(waited);
    if (found)
        pool_->counters->queue_waits.add("served");
    else if (found.error().code == errc::cancelled)
        pool_->counters->queue_waits.add("client-left");
    else
        pool_->counters->queue_waits.add(crowded_ == shortage::none ? "no-server"
                                                                    : name_of(crowded_));
}

task<result<server_post*>> exchange::take_turns(seat& here) {
    auto& queue = pool_->setup->servers->crowd().queue;
    for (;;) {
        here.seen = queue.changes();
        if (server_post* target = choose_server()) co_return target;
        if (!may_wait()) co_return fail(errc::no_server);
        if (stake_) stake_->in_pool = {};
        say_for_what(here);
        const auto entered = queue.enter(here);
        if (entered == upstream::queue::entry::changed) continue;
        if (entered == upstream::queue::entry::full) {
            if (here.waits_for_health) {
                its_stake().home_wait_ends = station_.now().steady;
                continue;
            }
            crowded_ = shortage::queue_full;
            co_return fail(errc::no_server);
        }
        result<> called;
        if (entered == upstream::queue::entry::waits) {
            here.has_waited = true;
            called = co_await wait_until_called(here);
        }
        queue.leave(here);
        // It is tried anew, however often that was in vain.
        if (here.waits_for_health) std::erase(tried_, here.home);
        upstream::server* offered = here.take_granted(place_);
        if (!called) {
            place_ = {};
            co_return std::unexpected(std::move(called.error()));
        }
        if (offered != nullptr) {
            if (server_post* target = choose_with(offered)) co_return target;
            if (!may_wait()) co_return fail(errc::no_server);
        }
        go_on_by_present();
    }
}

/// At a home that is down nobody calls whose trial is due, or that only refuses one by one.
task<result<>> exchange::wait_until_called(seat& here) {
    if (!here.waits_for_health) co_return co_await here.wait();
    const steady_time look = next_look_at(*here.home);
    auto called = co_await with_deadline_at(look, here.wait());
    const bool is_time = !called && called.error().code == errc::timed_out;
    if (is_time && station_.now().steady >= look) co_return result<>();
    co_return called;
}

steady_time exchange::next_look_at(const upstream::server& home) {
    const steady_time now = station_.now().steady;
    const steady_time next =
        home.health.is_up() ? now + limits::home_knock_pace : home.health.out_until();
    const steady_time soonest = now + std::chrono::milliseconds(1);
    return std::clamp(next, soonest, std::max(soonest, its_stake().home_wait_ends));
}

void exchange::say_for_what(upstream::waiter& here) {
    const upstream::pool& servers = *pool_->setup->servers;
    here.of = &servers;
    here.home = affinity_ != nullptr ? servers.find(session_.home.home) : nullptr;
    here.waits_for_home = waits_for_home_;
    here.waits_for_health = crowded_ == shortage::home_down;
    here.tried = tried_;
    here.of_release = release_;
}

/// A reload may have changed what is waited for, or have brought more servers.
void exchange::go_on_by_present() {
    const auto& present = station_.current();
    if (present == edition_) return;
    const auto same = std::ranges::find_if(present->pools, [&](const auto& each) {
        return each &&
               each->setup->servers->share_crowd() == pool_->setup->servers->share_crowd() &&
               each->setup->protocol == pool_->setup->protocol;
    });
    if (same == present->pools.end() || same->get() == pool_) return;
    // The route, and whatever was tried, is of the editions before.
    its_stake().editions.push_back(std::exchange(edition_, present));
    pool_ = same->get();
}

}  // namespace hawser::proxy
