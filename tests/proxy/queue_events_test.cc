// SPDX-License-Identifier: Apache-2.0
// What happens while requests wait for a place at a server, and ends their wait.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <string>

#include "proxy/crowded.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using upstream::home_full;

SIM_TEST(queue_events, a_client_that_leaves_waits_no_more) {
    crowded shop(world);
    shop.fill_all();
    scope visits;
    visitor who;
    who.gives_up = true;
    who.sends("/");
    visits.spawn(shop.visit(who));
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 0u);
    co_await visits.join();
    EXPECT_EQ(shop.endings(), (counts{{"client-left", 1}}));
    EXPECT_EQ(shop.waits(), (counts{{"client-left", 1}}));
    EXPECT_THAT(shop.requests(), IsEmpty());
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_client_that_goes_on_talking_still_waits) {
    crowded shop(world);
    shop.fill_all();
    visitor who;
    who.sends_slowly({"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
                      "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
                     1s);
    scope visits;
    visits.spawn(shop.visit(who));
    co_await shop.pass(3s);
    EXPECT_EQ(shop.waiting(), 1u);
    shop.free("blue");
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"blue"});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_session_whose_home_dies_meanwhile_moves) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor who;
    co_await shop.begin(visits, who, shop.mark);
    EXPECT_TRUE(shop.known(shop.home).health.take_down());
    co_await shop.pass(1s);
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_NE(shop.server, shop.home);
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, who_waits_is_told_at_once_when_the_last_server_dies) {
    crowded shop(world);
    shop.fill_all();
    scope visits;
    visitor who;
    co_await shop.begin(visits, who);
    for (const auto* name : {"blue", "green"}) EXPECT_TRUE(shop.known(name).health.take_down());
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 1u) << "one is left";
    EXPECT_TRUE(shop.known("red").health.take_down());
    co_await shop.pass(1s);
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"no-server", 1}}));
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, who_waits_goes_to_a_server_that_comes_up) {
    crowded shop(world);
    EXPECT_TRUE(shop.known("green").health.take_down());
    shop.fill("blue");
    shop.fill("red");
    scope visits;
    visitor who;
    co_await shop.begin(visits, who);
    EXPECT_TRUE(shop.known("green").health.raise({}, false));
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"green"});
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, e174_a_drain_takes_effect_on_who_waits) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor stays;
    co_await shop.begin(visits, stays, shop.mark);
    auto& home = shop.known(shop.home);
    home.leaving.set({});
    home.set_state(upstream::admin_state::drain);
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 1u) << "sessions at home stay";
    home.leaving.end();
    home.have_looked_again();
    co_await visits.join();
    shop.take(stays, {});
    EXPECT_EQ(shop.told, "moved; cause=drained");
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, maintenance_sends_who_waits_elsewhere) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor who;
    co_await shop.begin(visits, who, shop.mark);
    shop.known(shop.home).set_state(upstream::admin_state::maintenance);
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "moved; cause=maintenance");
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_reload_without_the_home_moves_who_waits_for_it) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor who;
    co_await shop.begin(visits, who, shop.mark);
    shop.publish({shop.home == "blue" ? "green" : "blue", shop.home == "red" ? "green" : "red"});
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "moved; cause=unknown-server");
    EXPECT_NE(shop.server, shop.home);
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_reload_with_a_higher_limit_or_one_more_server_serves_who_waits) {
    crowded shop(world);
    shop.fill_all();
    scope visits;
    visitor who;
    co_await shop.begin(visits, who);
    visitor later;
    co_await shop.begin(visits, later);
    shop.lab::server("green").thinks_for = 2s;
    shop.known("green").places.set_maximum(2);
    shop.publish();
    co_await shop.pass(2100ms);
    EXPECT_EQ(who.received(), answers{"green"}) << "who came first goes first";
    EXPECT_THAT(later.received(), IsEmpty());
    co_await visits.join();
    EXPECT_EQ(later.received(), answers{"green"});

    shop.publish({"blue", "green"});
    shop.known("green").places.set_maximum(1);
    shop.free("red");
    visitor other;
    co_await shop.begin(visits, other);
    shop.publish();
    co_await visits.join();
    EXPECT_EQ(other.received(), answers{"red"}) << "though it came when there was none";
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_reload_that_changes_nothing_leaves_everybody_their_turn) {
    crowded shop(world);
    shop.fill_all();
    std::deque<visitor> clients(3);
    scope visits;
    for (auto& each : clients) co_await shop.begin(visits, each);
    shop.lab::server("red").thinks_for = 2s;
    for (int i = 0; i < 3; ++i) shop.publish();
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 3u);
    shop.free("red");
    for (auto& each : clients) {
        co_await shop.pass(2100ms);
        EXPECT_EQ(each.received(), answers{"red"});
    }
    co_await visits.join();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue_events, a_stop_ends_all_waits_and_a_graceful_one_none) {
    crowded shop(world);
    shop.fill_all();
    std::deque<visitor> clients(2);
    scope visits;
    for (auto& each : clients) co_await shop.begin(visits, each);
    shop.station().drain(1s);
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 2u) << "they are under way as all others are";
    shop.free("blue");
    co_await shop.pass(1s);
    EXPECT_EQ(clients[0].received(), answers{"blue"});
    shop.fill("blue");
    shop.station().stop();
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 0u);
    co_await visits.join();
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

/// Whatever happens while one waits, and at whichever moment, nothing is left behind and no place
/// is lost.
SIM_TEST(queue_events, nothing_that_happens_meanwhile_loses_a_place) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.pool.queue.timeout = 4ms;
    shop.publish();
    co_await shop.settle();
    using happening = void (*)(crowded&);
    static constexpr happening all[] = {
        [](crowded& of) { of.free_all(); },
        [](crowded& of) { of.known(of.home).health.take_down(); },
        [](crowded& of) { of.known(of.home).health.raise({}, false); },
        [](crowded& of) { of.known(of.home).set_state(upstream::admin_state::maintenance); },
        [](crowded& of) { of.known(of.home).set_state(upstream::admin_state::ready); },
        [](crowded& of) { of.publish({of.home}); },
        [](crowded& of) { of.publish(); },
    };
    for (const auto& first : all) {
        for (const auto& second : all) {
            for (steady_time::duration after = 0us; after < 5ms; after += 450us) {
                shop.fill_all();
                std::deque<visitor> clients(4);
                clients[1].gives_up = true;
                clients[2].cookie = clients[3].cookie = shop.mark;
                for (auto& each : clients) each.sends("/");
                scope visits;
                for (auto& each : clients) visits.spawn(shop.visit(each));
                EXPECT_TRUE((co_await sleep_for(after)).has_value());
                first(shop);
                EXPECT_TRUE((co_await sleep_for(100us)).has_value());
                second(shop);
                co_await visits.join();
                EXPECT_EQ(shop.waiting(), 0u);
                shop.free_all();
                shop.known(shop.home).health.raise({}, false);
                shop.known(shop.home).set_state(upstream::admin_state::ready);
                shop.publish();
                co_await shop.pass(1s);
                for (const auto* name : {"blue", "green", "red"})
                    EXPECT_EQ(shop.known(name).places.taken(), 0u) << name;
            }
        }
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
