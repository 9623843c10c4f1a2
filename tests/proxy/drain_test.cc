// SPDX-License-Identifier: Apache-2.0
// Sessions whose home drains: who stays, who goes, and how what is open ends.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "proxy/shop.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using affinity::cause;
using upstream::drain_policy;
using upstream::leave_rule;
using upstream::session_class;

void drain(shop& shop, const std::string& server, const drain_policy& by) {
    shop.known(server).leaving.set(by);
    shop.known(server).set_state(upstream::admin_state::drain);
}

drain_policy rule(session_class of, const leave_rule& wanted) {
    drain_policy made;
    made.of(of) = wanted;
    return made;
}

/// A session that has come back, so that it is more than tentative.
task<> settle(shop& shop) {
    co_await shop.ask();
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
}

SIM_TEST(drain, e174_keeps_sessions_at_home_however_long_they_pause) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, {});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE((co_await sleep_for(5min)).has_value());
        co_await shop.ask(shop.mark);
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(drain, e174_lets_in_nobody_with_a_mark_that_is_forged) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    std::string forged = shop.mark;
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    drain(shop, home, {});
    for (int i = 0; i < 6; ++i) {
        co_await shop.ask(forged);
        EXPECT_EQ(shop.told, "new; cause=forged");
        EXPECT_NE(shop.server, home);
    }
    co_await shop.close();
}

SIM_TEST(drain, moves_a_session_once_it_was_idle_for_long_enough) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, rule(session_class::idle, leave_rule::after(5min)));
    EXPECT_TRUE((co_await sleep_for(4min)).has_value());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_TRUE((co_await sleep_for(5min)).has_value());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=drained");
    EXPECT_NE(shop.server, home);
    EXPECT_TRUE(shop.was_marked);
    for (int i = 0; i < 3; ++i) {
        co_await shop.ask(shop.mark);
        EXPECT_EQ(shop.told, "hit");
        EXPECT_FALSE(shop.was_marked) << "one new mark";
    }
    EXPECT_EQ(shop.moves(cause::drained), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(drain, moves_active_sessions_at_once_where_it_is_told_so) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, rule(session_class::active, leave_rule::move()));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=drained");
    EXPECT_NE(shop.server, home);
    co_await shop.close();
}

SIM_TEST(drain, moves_parallel_requests_of_a_session_to_one_home) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, rule(session_class::active, leave_rule::move()));
    const auto servers = co_await shop.ask_together(8, shop.mark);
    EXPECT_EQ(servers.size(), 1u);
    EXPECT_FALSE(servers.contains(home));
    EXPECT_EQ(shop.moves(cause::drained), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(drain, lets_a_session_stay_that_nobody_else_can_have) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, rule(session_class::active, leave_rule::move()));
    for (const auto* name : {"blue", "green", "red"})
        if (name != home) shop.known(name).set_state(upstream::admin_state::maintenance);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    co_await shop.close();
}

SIM_TEST(drain, e174_is_over_for_everybody_at_its_end) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, {});
    shop.known(home).leaving.end();
    EXPECT_TRUE(shop.known(home).is_drained());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=drained");
    EXPECT_NE(shop.server, home);
    co_await shop.close();
}

SIM_TEST(drain, e174_lifted_it_takes_part_again) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, {});
    shop.known(home).leaving.end();
    shop.known(home).set_state(upstream::admin_state::ready);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    bool was_chosen = false;
    for (int i = 0; i < 6; ++i) {
        co_await shop.ask();
        was_chosen |= shop.server == home;
    }
    EXPECT_TRUE(was_chosen);
    co_await shop.close();
}

SIM_TEST(drain, e174_a_drained_server_that_dies_gives_its_sessions_to_others) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    drain(shop, home, {});
    shop.refuse(home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_NE(shop.server, home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
}

// ---- what is open ---------------------------------------------------------------------------

/// An answer that goes on for minutes.
SIM_TEST(drain, ends_a_long_answer_when_it_is_cut_and_no_answer_that_has_not_begun) {
    lab lab(world, {"blue"});
    lab.server("blue").answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun";
    lab.open();
    scope visits;
    lab.client.sends("/");
    visits.spawn(lab.visit(lab.client));
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    lab.station().part(lab.known("blue"), {.within = 1s, .tunnels = true});
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    EXPECT_EQ(lab.in_flight(), 1u) << "it is no tunnel";
    lab.station().part(lab.known("blue"), {.within = 1s, .answers = true});
    co_await visits.join();
    EXPECT_EQ(lab.client.received(), answers{"cut"});
    EXPECT_EQ(lab.endings(), (std::map<std::string, std::uint64_t>{{"drained", 1}}));

    lab.server("blue").answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";
    lab.server("blue").thinks_for = 5s;
    visitor waits;
    waits.sends("/");
    visits.spawn(lab.visit(waits));
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    lab.station().part(lab.known("blue"), {.within = 1s, .answers = true});
    co_await visits.join();
    EXPECT_EQ(waits.received(), answers{"late"});
    co_await lab.close();
    lab.expect_nothing_left();
}

SIM_TEST(drain, closes_connections_that_carry_nothing) {
    lab lab(world, {"blue"});
    lab.open();
    lab.client.sends("/");
    co_await lab.visit(lab.client);
    EXPECT_EQ(lab.known("blue").load.totals().connections, 1u);
    lab.station().part(lab.known("blue"), {.unused = true});
    EXPECT_EQ(lab.known("blue").load.totals().connections, 0u);
    co_await lab.close();
}

}  // namespace
}  // namespace hawser::proxy
