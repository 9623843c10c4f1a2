// SPDX-License-Identifier: Apache-2.0
// Sessions on their way through the proxy: where they go when their home cannot have them.

#include <gtest/gtest.h>

#include "proxy/shop.h"

namespace hawser::proxy {
namespace {

using affinity::cause;
using affinity::verdict;

using namespace std::chrono_literals;

SIM_TEST(session, begins_somewhere_and_stays_there) {
    shop shop(world);
    co_await shop.ask();
    EXPECT_EQ(shop.told, "new; cause=no-key");
    const std::string home = shop.server;
    const std::string mark = shop.mark;
    EXPECT_NE(mark, "");
    for (int i = 0; i < 5; ++i) {
        co_await shop.ask(mark);
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
        EXPECT_FALSE(shop.was_marked);
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

// ---- a home that cannot have it -------------------------------------------------------------

SIM_TEST(session, e177_moves_once_when_its_home_is_down_and_stays_when_that_is_back) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    shop.refuse(first);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_TRUE(shop.was_marked);
    const std::string second = shop.server;
    EXPECT_NE(second, first);

    shop.refuse(first, false);
    EXPECT_TRUE((co_await sleep_for(1min)).has_value());
    for (int i = 0; i < 3; ++i) {
        co_await shop.ask(shop.mark);
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, second);
    }
    EXPECT_EQ(shop.moves(cause::home_down), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, e160_parallel_requests_of_one_session_move_to_one_home) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    shop.refuse(first);
    const auto servers = co_await shop.ask_together(8, shop.mark);
    EXPECT_EQ(servers.size(), 1u);
    EXPECT_FALSE(servers.contains(first));
    EXPECT_EQ(shop.moves(cause::home_down), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

/// Blue is out by its failures, and back, as traffic will find at its next trial.
task<> take_out_blue(shop& shop) {
    shop.refuse("blue");
    while (shop.known("blue").health.is_up()) co_await shop.ask();
    shop.refuse("blue", false);
}

SIM_TEST(session, e160_that_moves_tries_no_server_that_was_out) {
    shop shop(world);
    co_await take_out_blue(shop);
    co_await shop.ask();
    const std::string first = shop.server;
    EXPECT_TRUE((co_await sleep_for(11s)).has_value());
    shop.lab::server("blue").thinks_for = 1s;  // for as long as it is tried
    shop.known(first).set_state(upstream::admin_state::maintenance);
    const auto moves = shop.moves(cause::maintenance);
    const auto servers = co_await shop.ask_together(8, shop.mark);
    EXPECT_EQ(servers, std::set<std::string>{first == "red" ? "green" : "red"});
    EXPECT_EQ(shop.moves(cause::maintenance), moves + 1);
    co_await shop.ask();
    EXPECT_EQ(shop.server, "blue") << "a newcomer does";
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, e160_one_of_whose_requests_tries_a_dead_server_has_one_home_all_the_same) {
    shop shop(world, {"blue", "green", "red", "white"});
    shop.pool.retry_percent = 100;
    shop.publish();
    co_await take_out_blue(shop);
    co_await shop.ask();
    const std::string first = shop.server;
    // So late that even one who moves tries it.
    EXPECT_TRUE((co_await sleep_for(16s)).has_value());
    for (const auto& name : {first, std::string("blue")}) shop.lab::server(name).hangs_up = true;
    shop.lab::server(first).thinks_for = 200ms;
    shop.lab::server("blue").thinks_for = 1s;
    std::deque<visitor> clients(8);
    scope visits;
    for (auto& each : clients) {
        each.cookie = shop.mark;
        each.sends("/");
        if (&each != &clients.back()) visits.spawn(shop.visit(each));
    }
    // The last one comes when the others have not heard yet that their home is gone.
    EXPECT_TRUE((co_await sleep_for(100ms)).has_value());
    shop.known(first).set_state(upstream::admin_state::maintenance);
    visits.spawn(shop.visit(clients.back()));
    co_await visits.join();
    std::set<std::string> servers;
    for (const auto& each : clients) {
        shop.take(each, {});
        servers.insert(shop.server);
    }
    EXPECT_EQ(servers.size(), 1u);
    EXPECT_FALSE(servers.contains(first));
    EXPECT_FALSE(servers.contains("blue"));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, whose_home_left_the_pool_moves) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    shop.publish({first == "blue" ? "green" : "blue"});
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=unknown-server");
    EXPECT_NE(shop.server, first);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, that_moves_while_two_processes_serve_moves_to_the_same_server_in_both) {
    std::vector<std::string> marks;
    std::vector<std::vector<std::string>> homes(2);
    for (auto& in_this_one : homes) {
        shop shop(world);
        while (marks.size() < 12) {
            co_await shop.ask();
            if (shop.server == "blue") marks.push_back(shop.mark);
        }
        shop.known("blue").set_state(upstream::admin_state::maintenance);
        shop.sessions().note_changes();
        for (const auto& mark : marks) {
            co_await shop.ask(mark);
            EXPECT_EQ(shop.told, "moved; cause=maintenance");
            in_this_one.push_back(shop.server);
        }
        co_await shop.close();
    }
    EXPECT_EQ(homes[0], homes[1]);
}

SIM_TEST(session, whose_home_is_maintained_moves) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    shop.known(first).set_state(upstream::admin_state::maintenance);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=maintenance");
    EXPECT_NE(shop.server, first);
    co_await shop.close();
}

SIM_TEST(session, e174_stays_on_a_home_that_is_drained_where_nobody_new_goes) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    const std::string mark = shop.mark;
    shop.known(first).set_state(upstream::admin_state::drain);
    for (int i = 0; i < 6; ++i) {
        co_await shop.ask();
        EXPECT_NE(shop.server, first);
    }
    co_await shop.ask(mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, first);
    co_await shop.close();
}

SIM_TEST(session, spills_over_when_its_home_is_full_and_comes_back) {
    shop shop(world);
    co_await shop.ask();
    const std::string first = shop.server;
    const std::string mark = shop.mark;
    shop.known(first).places.set_maximum(1);
    shop.lab::server(first).thinks_for = 10s;
    visitor slow;
    slow.cookie = mark;
    slow.sends("/slow");
    scope beside;
    beside.spawn(shop.visit(slow));
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    co_await shop.ask(mark);
    EXPECT_EQ(shop.told, "spilled; cause=home-full");
    EXPECT_NE(shop.server, first);
    EXPECT_FALSE(shop.was_marked);
    co_await beside.join();

    co_await shop.ask(mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, first);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, e73_hears_503_at_once_when_every_server_is_out) {
    shop shop(world);
    co_await shop.ask();
    for (const auto* name : {"blue", "green", "red"})
        shop.known(name).set_state(upstream::admin_state::maintenance);
    visitor late;
    late.cookie = shop.mark;
    late.sends("/");
    co_await shop.visit(late);
    EXPECT_EQ(late.received(), (answers{"503"}));
    EXPECT_EQ(late.field("Retry-After"), "1");
    co_await shop.close();
}

// ---- a home that is another process now ------------------------------------------------------

SIM_TEST(session, the_mark_of_an_instance_is_not_for_clients) {
    shop shop(world);
    shop.announce("one");
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_EQ(who.field("Hawser-Instance"), "");
    co_await shop.close();
}

SIM_TEST(session, e154_begins_anew_with_the_answer_that_tells_of_another_instance) {
    shop shop(world);
    shop.announce("one");
    co_await shop.ask();
    const std::string home = shop.server;
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");

    shop.announce(home, "two");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, home);
    EXPECT_TRUE(shop.was_marked);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_FALSE(shop.was_marked);
    EXPECT_EQ(shop.verdicts(verdict::fresh, cause::stale), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, e154_with_a_wrong_generation_is_new_once_its_home_is_known_to_be_another) {
    shop shop(world);
    shop.announce("one");
    co_await shop.ask();
    const std::string home = shop.server;
    const std::string old = shop.mark;
    // Somebody else learns of the new instance.
    shop.announce(home, "two");
    for (std::string server; server != home; server = shop.server) co_await shop.ask();

    co_await shop.ask(old);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, home);
    EXPECT_TRUE(shop.was_marked);
    // The registry knows by now, so the old mark leads to the session of the new one.
    co_await shop.ask(old);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    EXPECT_TRUE(shop.was_marked);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session, that_is_stale_at_a_home_in_drain_begins_anew_elsewhere) {
    shop shop(world);
    shop.announce("one");
    co_await shop.ask();
    const std::string home = shop.server;
    const std::string old = shop.mark;
    shop.announce(home, "two");
    for (std::string server; server != home; server = shop.server) co_await shop.ask();
    shop.known(home).set_state(upstream::admin_state::drain);

    co_await shop.ask(old);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_NE(shop.server, home);
    co_await shop.close();
}

SIM_TEST(session, from_before_a_server_announced_anything_is_believed_and_marked_anew) {
    shop shop(world);
    co_await shop.ask();
    shop.announce("one");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_TRUE(shop.was_marked);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_FALSE(shop.was_marked);
    co_await shop.close();
}

SIM_TEST(session, is_believed_by_a_node_that_saw_nothing) {
    std::string mark;
    {
        shop shop(world);
        shop.announce("one");
        co_await shop.ask();
        mark = shop.mark;
        co_await shop.close();
    }
    shop another(world);
    co_await another.ask(mark);
    EXPECT_EQ(another.told, "hit");
    EXPECT_FALSE(another.was_marked);
    co_await another.close();
}

SIM_TEST(session, from_before_its_home_came_back_begins_there_anew) {
    shop shop(world);
    shop.pool.passive.connect_failures = 1;
    shop.publish();
    co_await shop.ask();
    const std::string home = shop.server;
    const std::string old = shop.mark;
    EXPECT_TRUE((co_await sleep_for(5s)).has_value());

    // Others find it gone, and back again.
    shop.refuse(home);
    while (shop.known(home).health.is_up()) co_await shop.ask();
    shop.refuse(home, false);
    EXPECT_TRUE((co_await sleep_for(10s)).has_value());
    while (!shop.known(home).health.is_up()) co_await shop.ask();

    co_await shop.ask(old);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, home);
    EXPECT_TRUE(shop.was_marked);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.moves(cause::stale), 0u);
    co_await shop.close();
    shop.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
