// SPDX-License-Identifier: Apache-2.0
// Sessions of a server, and what a pool has to do at once.

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

SIM_TEST(max_sessions, new_sessions_go_elsewhere_and_those_at_home_stay) {
    crowded shop(world);
    co_await shop.settle();
    auto& home = shop.known(shop.home);
    home.sessions.set(5);
    home.sessions.set_maximum(5);
    for (int i = 0; i < 6; ++i) {
        co_await shop.ask();
        EXPECT_NE(shop.server, shop.home);
    }
    co_await shop.settle();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(max_sessions, count_what_is_bound_before_the_registry_tells) {
    crowded shop(world);
    for (const auto* name : {"blue", "green", "red"}) shop.known(name).sessions.set_maximum(2);
    std::map<std::string, int> homes;
    for (int i = 0; i < 6; ++i) {
        co_await shop.ask();
        ++homes[shop.server];
    }
    EXPECT_EQ(homes, (std::map<std::string, int>{{"blue", 2}, {"green", 2}, {"red", 2}}));
    shop.pool.queue.length = 0;
    shop.publish();
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"full", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(max_sessions, a_new_one_waits_until_one_ends) {
    crowded shop(world);
    for (const auto* name : {"blue", "green", "red"}) {
        shop.known(name).sessions.set(1);
        shop.known(name).sessions.set_maximum(1);
    }
    scope visits;
    visitor who;
    co_await shop.begin(visits, who);
    EXPECT_EQ(shop.waiting(), 1u);
    shop.known("green").sessions.correct(1, 0);
    shop.crowd().queue.look_again();
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"green"});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(circuit_breaker, refuses_at_once_what_is_too_much_for_the_pool) {
    crowded shop(world);
    shop.pool.limits.requests = 2;
    shop.publish();
    for (const auto* name : {"blue", "green", "red"}) shop.lab::server(name).thinks_for = 5s;
    std::deque<visitor> clients(2);
    scope visits;
    for (auto& each : clients) co_await shop.begin(visits, each);
    const auto began = shop.now();
    visitor more;
    more.sends("/");
    co_await shop.visit(more);
    EXPECT_LT(shop.now() - began, 1s);
    EXPECT_EQ(more.received(), answers{"503"});
    EXPECT_EQ(more.field("Retry-After"), "7");
    EXPECT_EQ(shop.endings(), (counts{{"circuit-breaker", 1}}));
    co_await visits.join();
    co_await shop.ask();
    EXPECT_EQ(shop.told, "new; cause=no-key");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(circuit_breaker, counts_nobody_who_only_waits) {
    crowded shop(world);
    shop.pool.limits.requests = 1;
    shop.publish();
    shop.fill_all();
    std::deque<visitor> clients(3);
    scope visits;
    for (auto& each : clients) co_await shop.begin(visits, each);
    EXPECT_EQ(shop.waiting(), 3u);
    EXPECT_EQ(shop.crowd().requests.taken(), 0u);
    shop.free("red");
    co_await visits.join();
    for (auto& each : clients) EXPECT_EQ(each.received(), answers{"red"});
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(circuit_breaker, open_refuses_all_until_one_that_tries_succeeds) {
    crowded shop(world);
    shop.pool.limits.error_percent = 50;
    shop.pool.limits.open_for = 10s;
    shop.pool.passive.is_on = false;
    shop.publish();
    for (const auto* name : {"blue", "green", "red"})
        shop.lab::server(name).answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
    EXPECT_TRUE(shop.crowd().circuit.take_out(shop.now() + 10s));

    visitor refused;
    refused.sends("/");
    co_await shop.visit(refused);
    EXPECT_EQ(refused.received(), answers{"503"});
    EXPECT_EQ(refused.field("Retry-After"), "7");
    EXPECT_EQ(shop.endings(), (counts{{"circuit-open", 1}}));
    EXPECT_THAT(shop.requests(), IsEmpty());

    co_await shop.pass(11s);
    std::deque<visitor> tries(3);
    for (auto& each : tries) each.sends("/");
    co_await shop.visit_together(tries);
    EXPECT_EQ(shop.requests().size(), 1u) << "one at a time, and it failed";
    co_await shop.pass(1s);
    for (const auto* name : {"blue", "green", "red"})
        shop.lab::server(name).answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    visitor early;
    early.sends("/");
    co_await shop.visit(early);
    EXPECT_EQ(early.received(), answers{"503"}) << "out for as long once more";
    co_await shop.pass(11s);
    co_await shop.ask();
    EXPECT_TRUE(shop.crowd().circuit.is_up());
    std::deque<visitor> after(3);
    for (auto& each : after) each.sends("/");
    co_await shop.visit_together(after);
    for (auto& each : after) EXPECT_EQ(each.received(), answers{"hi"});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(circuit_breaker, lets_only_so_many_retries_be_under_way) {
    crowded shop(world);
    shop.pool.limits.retries = 1;
    shop.publish();
    for (const auto* name : {"blue", "green", "red"}) shop.known(name).places.set_maximum(0);
    shop.refuse("blue");
    for (const auto* name : {"green", "red"}) shop.lab::server(name).thinks_for = 5s;
    std::deque<visitor> clients(6);
    for (auto& each : clients) each.sends("/");
    co_await shop.visit_together(clients);
    std::map<std::string, int> got;
    for (auto& each : clients) ++got[each.received().at(0)];
    EXPECT_EQ(got["503"], 1) << "of two that met the dead server one was sent once more";
    counts refused;
    shop.station().current()->pools[0]->counters->retries_refused.for_each(
        [&](auto limit, auto, auto count) { refused[std::string(limit)] += count; });
    EXPECT_EQ(refused, (counts{{"circuit-breaker", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
