// SPDX-License-Identifier: Apache-2.0
// Requests that find all servers full, and sessions that find their home full: who waits, for how
// long, and what they are told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <string>

#include "http/websocket.h"
#include "proxy/crowded.h"
#include "proxy/h2_visitor.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using affinity::cause;
using affinity::verdict;
using testing::IsEmpty;
using upstream::home_full;

// ---- new sessions ---------------------------------------------------------------------------

SIM_TEST(queue, a_new_session_waits_only_where_all_are_full) {
    crowded shop(world);
    shop.fill("blue");
    shop.fill("green");
    co_await shop.ask();
    EXPECT_EQ(shop.server, "red");
    EXPECT_THAT(shop.waits(), IsEmpty());

    shop.fill("red");
    scope visits;
    visitor who;
    co_await shop.begin(visits, who);
    EXPECT_EQ(shop.waiting(), 1u);
    shop.free("green");
    co_await visits.join();

    EXPECT_EQ(who.received(), answers{"green"});
    EXPECT_EQ(shop.waits(), (counts{{"served", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, hands_places_out_in_the_order_of_arrival) {
    crowded shop(world);
    shop.pool.queue.timeout = 1h;
    shop.publish();
    shop.fill_all();
    std::deque<visitor> clients(5);
    scope visits;
    for (auto& each : clients) co_await shop.begin(visits, each);
    EXPECT_EQ(shop.waiting(), 5u);
    shop.lab::server("red").thinks_for = 50s;

    shop.free("red");
    for (std::size_t turn = 0; turn < clients.size(); ++turn) {
        co_await shop.pass(51s);
        for (std::size_t each = 0; each < clients.size(); ++each)
            EXPECT_EQ(clients[each].received().size(), each <= turn ? 1u : 0u) << each;
        EXPECT_EQ(clients[turn].received(), answers{"red"});
    }
    co_await visits.join();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, who_waited_in_vain_is_told_when_to_come_back) {
    crowded shop(world);
    shop.fill_all();
    const auto began = shop.now();
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_GE(shop.now() - began, 10s);
    EXPECT_LT(shop.now() - began, 11s);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(who.field("Retry-After"), "7");
    EXPECT_EQ(shop.endings(), (counts{{"queue-timeout", 1}}));
    EXPECT_EQ(shop.waits(), (counts{{"queue-timeout", 1}}));
    EXPECT_THAT(shop.requests(), IsEmpty());
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, beyond_its_length_requests_are_refused_at_once) {
    crowded shop(world);
    shop.pool.queue.length = 2;
    shop.publish();
    shop.fill_all();
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
    EXPECT_EQ(shop.endings(), (counts{{"queue-full", 1}}));

    shop.free_all();
    co_await visits.join();
    for (auto& each : clients) EXPECT_NE(each.received(), answers{"503"});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, without_one_nobody_waits) {
    crowded shop(world);
    shop.pool.queue.length = 0;
    shop.publish();
    shop.fill_all();
    const auto began = shop.now();
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_LT(shop.now() - began, 1s);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(who.field("Retry-After"), "7");
    EXPECT_EQ(shop.endings(), (counts{{"full", 1}}));
    EXPECT_THAT(shop.waits(), IsEmpty());
    shop.free_all();
    co_await shop.close();
}

SIM_TEST(queue, a_routes_own_time_ends_the_wait_too) {
    crowded shop(world);
    shop.route.timeout = 3s;
    shop.publish();
    shop.fill_all();
    const auto began = shop.now();
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_LT(shop.now() - began, 4s);
    EXPECT_EQ(who.received(), answers{"503"});
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, a_body_waits_with_its_request) {
    crowded shop(world);
    shop.fill_all();
    visitor who;
    const std::string body(200'000, 'x');
    who.sends_raw("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 200000\r\n\r\n" + body);
    scope visits;
    visits.spawn(shop.visit(who));
    co_await shop.pass(2s);
    EXPECT_EQ(shop.waiting(), 1u);
    shop.free("blue");
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"blue"});
    EXPECT_EQ(shop.requests().at(0).body, body);
    co_await shop.close();
    shop.expect_nothing_left();
}

// ---- sessions that have a home --------------------------------------------------------------

SIM_TEST(queue, a_session_waits_for_its_home_though_others_have_room) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor who;
    co_await shop.begin(visits, who, shop.mark);
    EXPECT_EQ(shop.known(shop.home).waits_here.size(), 1u);
    co_await shop.ask();
    EXPECT_NE(shop.server, shop.home) << "a new one goes elsewhere";

    shop.free(shop.home);
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, a_session_that_waited_for_its_home_in_vain_is_refused_and_stays) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    visitor who;
    who.cookie = shop.mark;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"queue-timeout", 1}}));
    EXPECT_EQ(shop.verdicts(verdict::refused, cause::home_full), 1u);

    shop.free(shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, a_home_has_a_length_of_its_own) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.pool.queue.home_length = 1;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    scope visits;
    visitor first;
    co_await shop.begin(visits, first, shop.mark);
    visitor second;
    second.cookie = shop.mark;
    second.sends("/");
    co_await shop.visit(second);
    EXPECT_EQ(second.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"queue-full", 1}}));
    shop.free(shop.home);
    co_await visits.join();
    EXPECT_EQ(first.received(), answers{shop.home});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, where_it_may_a_session_is_served_elsewhere_and_stays) {
    crowded shop(world);
    co_await shop.settle();
    shop.fill(shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "spilled; cause=home-full");
    EXPECT_NE(shop.server, shop.home);
    shop.free(shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, a_spilled_session_that_waits_takes_whichever_is_first) {
    crowded shop(world);
    co_await shop.settle();
    for (const bool comes_home : {true, false}) {
        shop.fill_all();
        scope visits;
        visitor who;
        co_await shop.begin(visits, who, shop.mark);
        const std::string other = shop.home == "blue" ? "green" : "blue";
        shop.free(comes_home ? shop.home : other);
        co_await visits.join();
        shop.take(who, shop.mark);
        EXPECT_EQ(shop.told, comes_home ? "hit" : "spilled; cause=home-full");
        EXPECT_EQ(shop.server, comes_home ? shop.home : other);
        shop.free_all();
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, where_it_should_a_session_moves_for_good) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::move;
    shop.publish();
    co_await shop.settle();
    shop.fill(shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=home-full");
    const std::string there = shop.server;
    EXPECT_NE(there, shop.home);
    EXPECT_TRUE(shop.was_marked);
    shop.free(shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, there);
    EXPECT_EQ(shop.moves(cause::home_full), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, a_home_goes_to_its_own_session_before_a_new_one) {
    crowded shop(world);
    shop.pool.when_home_is_full = home_full::wait;
    shop.publish();
    co_await shop.settle();
    shop.fill_all();
    scope visits;
    visitor newcomer;
    co_await shop.begin(visits, newcomer);
    visitor at_home;
    co_await shop.begin(visits, at_home, shop.mark);
    shop.lab::server(shop.home).thinks_for = 5s;

    shop.free(shop.home);
    co_await shop.pass(6s);
    EXPECT_EQ(at_home.received(), answers{shop.home});
    EXPECT_THAT(newcomer.received(), IsEmpty());
    co_await visits.join();
    EXPECT_EQ(newcomer.received(), answers{shop.home});
    co_await shop.close();
    shop.expect_nothing_left();
}

// ---- other protocols ------------------------------------------------------------------------

SIM_TEST(queue, streams_of_http2_wait_each_for_itself) {
    crowded shop(world);
    shop.fill_all();
    h2_visitor who;
    for (const auto* target : {"/1", "/2", "/3"}) who.sends(target);
    scope visits;
    visits.spawn(who.talk(world.io(), io::endpoint::parse(lab::door).value()));
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 3u);
    shop.free("green");
    co_await visits.join();
    for (std::size_t each = 0; each < 3; ++each) EXPECT_EQ(who.received(each), "green");
    EXPECT_EQ(shop.waits(), (counts{{"served", 3}}));
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(queue, an_upgrade_waits_and_becomes_a_tunnel) {
    crowded shop(world);
    for (const auto* name : {"blue", "green", "red"})
        shop.lab::server(name).answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            std::string(std::string_view(http::websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="))) +
            "\r\n\r\n";
    shop.fill_all();
    visitor who;
    who.sends_raw(
        "GET /live HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    who.tunnels = [](io::stream& with, std::string, visitor& self) -> task<> {
        if (!co_await with.write(io::pieces("hello"))) co_return;
        while (self.told.size() < 5) {
            const auto back = co_await with.read();
            if (!back) co_return;
            self.told.append(back->data(), back->size());
        }
        with.shut_down_writing();
        (void)co_await with_deadline(5s, with.read());
    };
    scope visits;
    visits.spawn(shop.visit(who));
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 1u);
    shop.free("red");
    co_await visits.join();
    EXPECT_EQ(who.received(), answers{"101"});
    EXPECT_EQ(who.told, "hello");
    shop.free_all();
    co_await shop.close();
    shop.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
