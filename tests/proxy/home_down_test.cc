// SPDX-License-Identifier: Apache-2.0
// What becomes of a session whose home is down, by each policy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "proxy/crowded.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using upstream::home_down;

/// A shop in which one session has come back to its home, as its policy is from then on.
class harbour : public crowded {
  public:
    harbour(sim::world& world, const upstream::home_down_rule& rule) : crowded(world) {
        for (const auto* name : {"blue", "green", "red"}) known(name).places.set_maximum(8);
        pool.when_home_is_down = rule;
        publish();
    }

    upstream::server& home_server() { return known(home); }

    /// The session's next visit, which is under way until the scope is joined.
    void begin_visit(scope& visits, visitor& who) {
        who.cookie = mark;
        who.sends("/");
        visits.spawn(visit(who));
    }

    std::size_t asked(const std::string& name) { return lab::server(name).requests.size(); }
};

// ---- refuse ---------------------------------------------------------------------------------

SIM_TEST(home_down, refuse_tells_503_and_keeps_the_session) {
    harbour shop(world, {.then = home_down::refuse});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    const auto before = shop.now();
    visitor who;
    who.cookie = shop.mark;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_LT(shop.now() - before, 1s);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(who.field("Retry-After"), "7");
    EXPECT_EQ(shop.endings(), (counts{{"home-down", 1}}));
    EXPECT_EQ(shop.verdicts(affinity::verdict::refused, affinity::cause::home_down), 1u);
    EXPECT_EQ(who.mark(), "");

    EXPECT_TRUE(shop.home_server().health.raise({}, false));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    EXPECT_EQ(shop.moves(affinity::cause::home_down), 0u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, refuse_holds_where_connecting_is_refused_too) {
    harbour shop(world, {.then = home_down::refuse});
    co_await shop.settle();
    shop.refuse(shop.home);
    for (int i = 0; i < 5; ++i) {  // before and after traffic has found it out
        visitor who;
        who.cookie = shop.mark;
        who.sends("/");
        co_await shop.visit(who);
        EXPECT_EQ(who.received(), answers{"503"});
    }
    EXPECT_EQ(shop.endings(), (counts{{"home-down", 5}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, a_session_that_begins_goes_on_to_the_next_server_whatever_the_policy) {
    harbour shop(world, {.then = home_down::refuse});
    for (const auto* name : {"blue", "green"}) shop.refuse(name);
    for (int i = 0; i < 3; ++i) {
        co_await shop.ask();
        EXPECT_EQ(shop.server, "red");
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, refuse_is_not_for_a_home_that_is_maintained_or_gone) {
    harbour shop(world, {.then = home_down::refuse});
    co_await shop.settle();
    shop.home_server().set_state(upstream::admin_state::maintenance);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=maintenance");
    co_await shop.close();
}

// ---- wait -----------------------------------------------------------------------------------

SIM_TEST(home_down, wait_is_served_at_home_once_that_is_back) {
    harbour shop(world, {.wait = 5s});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    scope visits;
    visitor who;
    shop.begin_visit(visits, who);
    co_await shop.pass(4s);
    EXPECT_EQ(shop.waiting(), 1u);
    EXPECT_THAT(who.received(), IsEmpty());
    EXPECT_TRUE(shop.home_server().health.raise({}, false));
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    EXPECT_EQ(shop.waits(), (counts{{"served", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_in_vain_moves) {
    harbour shop(world, {.wait = 5s});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    const auto before = shop.now();
    co_await shop.ask(shop.mark);
    EXPECT_GE(shop.now() - before, 5s);
    EXPECT_LT(shop.now() - before, 6s);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_NE(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_in_vain_is_refused_where_the_policy_says_so) {
    harbour shop(world, {.then = home_down::refuse, .wait = 5s});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    const auto before = shop.now();
    visitor who;
    who.cookie = shop.mark;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_GE(shop.now() - before, 5s);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"home-down", 1}}));
    EXPECT_EQ(shop.waits(), (counts{{"home-down", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_tries_a_home_that_refuses_until_it_takes_the_connection) {
    harbour shop(world, {.wait = 5s});
    co_await shop.settle();
    shop.refuse(shop.home);
    scope visits;
    visitor who;
    shop.begin_visit(visits, who);
    co_await shop.pass(800ms);
    shop.refuse(shop.home, false);  // before so many failed that it is out
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_lasts_through_the_trial_of_a_home_that_traffic_found_out) {
    harbour shop(world, {.wait = 30s});
    shop.announce("1");  // else it would be taken for another process
    co_await shop.settle();
    shop.refuse(shop.home);
    scope visits;
    std::deque<visitor> clients(3);
    for (auto& each : clients) shop.begin_visit(visits, each);
    co_await shop.pass(5s);
    EXPECT_FALSE(shop.home_server().health.is_up());
    shop.refuse(shop.home, false);
    co_await visits.join();
    for (auto& each : clients) {
        shop.take(each, {});
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, shop.home);
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_takes_a_place_in_the_queue_or_is_over) {
    harbour shop(world, {.wait = 5s});
    shop.pool.queue.length = 1;
    shop.publish();
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    scope visits;
    visitor first;
    shop.begin_visit(visits, first);
    co_await shop.pass(1s);
    const auto before = shop.now();
    visitor second;
    second.cookie = shop.mark;
    second.sends("/");
    co_await shop.visit(second);
    EXPECT_LT(shop.now() - before, 1s);
    shop.take(second, {});
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    co_await visits.join();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_does_not_keep_others_from_a_place) {
    harbour shop(world, {.wait = 30s});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    scope visits;
    visitor who;
    shop.begin_visit(visits, who);
    co_await shop.pass(1s);
    for (const auto* name : {"blue", "green", "red"}) shop.known(name).places.set_maximum(1);
    shop.fill_all();
    visitor other;
    other.sends("/");
    visits.spawn(shop.visit(other));
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 2u);
    shop.free_all();
    co_await shop.pass(1s);
    EXPECT_EQ(other.received().size(), 1u);
    EXPECT_EQ(shop.waiting(), 1u);
    EXPECT_TRUE(shop.home_server().health.raise({}, false));
    co_await visits.join();
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, who_leaves_waits_no_more) {
    harbour shop(world, {.wait = 30s});
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    scope visits;
    visitor who;
    who.gives_up = true;
    shop.begin_visit(visits, who);
    co_await shop.pass(1s);
    EXPECT_EQ(shop.waiting(), 0u);
    co_await visits.join();
    EXPECT_EQ(shop.endings(), (counts{{"client-left", 1}}));
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, refuse_asks_nobody_else_for_the_answer_that_its_home_owes) {
    harbour shop(world, {.then = home_down::refuse});
    co_await shop.settle();
    const auto elsewhere = shop.requests().size() - shop.asked(shop.home);
    shop.lab::server(shop.home).hangs_up = true;
    visitor who;
    who.cookie = shop.mark;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_EQ(shop.requests().size() - shop.asked(shop.home), elsewhere);
    EXPECT_EQ(who.received(), answers{"502"});
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, wait_is_no_reason_to_believe_a_process_that_is_another) {
    harbour shop(world, {.wait = 30s});
    co_await shop.settle();
    co_await shop.pass(2s);
    shop.refuse(shop.home);
    scope visits;
    visitor who;
    shop.begin_visit(visits, who);
    co_await shop.pass(200ms);  // it was sent there in vain
    EXPECT_TRUE(shop.home_server().health.take_down());
    co_await shop.pass(2s);
    shop.refuse(shop.home, false);
    EXPECT_TRUE(shop.home_server().health.raise(world.io().clock().wall, true));
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
    shop.expect_nothing_left();
}

// ---- successor ------------------------------------------------------------------------------

SIM_TEST(home_down, successor_is_the_same_on_every_node_and_spreads_the_sessions) {
    std::vector<std::string> marks;
    std::vector<std::vector<std::string>> homes(2);
    for (auto& on_this_node : homes) {
        harbour shop(world, {.then = home_down::successor});
        while (marks.size() < 40) {
            co_await shop.ask();
            if (shop.server == "blue") marks.push_back(shop.mark);
        }
        EXPECT_TRUE(shop.known("blue").health.take_down());
        for (const auto& mark : marks) {
            co_await shop.ask(mark);
            EXPECT_EQ(shop.told, "moved; cause=home-down");
            on_this_node.push_back(shop.server);
        }
        co_await shop.close();
    }
    EXPECT_EQ(homes[0], homes[1]);
    EXPECT_THAT(homes[0], testing::IsSupersetOf({"green", "red"}));
}

SIM_TEST(home_down, successor_may_be_named_and_has_one_in_turn) {
    harbour shop(world, {.then = home_down::successor});
    const auto id = [](const char* name) { return server_id_of("shop", name); };
    shop.pool.successors = {{id("blue"), id("red")}, {id("red"), id("green")}};
    shop.publish();
    std::vector<std::string> marks;
    while (marks.size() < 6) {
        co_await shop.ask();
        if (shop.server == "blue") marks.push_back(shop.mark);
    }
    EXPECT_TRUE(shop.known("blue").health.take_down());
    for (std::size_t i = 0; i < 3; ++i) {
        co_await shop.ask(marks[i]);
        EXPECT_EQ(shop.told, "moved; cause=home-down");
        EXPECT_EQ(shop.server, "red");
    }
    EXPECT_TRUE(shop.known("red").health.take_down());
    for (std::size_t i = 3; i < 6; ++i) {
        co_await shop.ask(marks[i]);
        EXPECT_EQ(shop.server, "green");
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, successors_that_name_each_other_leave_their_sessions_to_the_others) {
    harbour shop(world, {.then = home_down::successor});
    const auto id = [](const char* name) { return server_id_of("shop", name); };
    shop.pool.successors = {{id("blue"), id("red")}, {id("red"), id("blue")}};
    shop.publish();
    co_await shop.ask();
    while (shop.server != "blue") co_await shop.ask();
    const std::string mark = shop.mark;
    EXPECT_TRUE(shop.known("blue").health.take_down());
    EXPECT_TRUE(shop.known("red").health.take_down());
    co_await shop.ask(mark);
    EXPECT_EQ(shop.server, "green");
    co_await shop.close();
}

// ---- when it is back ------------------------------------------------------------------------

SIM_TEST(home_down, return_is_served_by_its_successor_until_its_home_is_back) {
    harbour shop(world, {.then = home_down::successor});
    shop.pool.returns_home = true;
    shop.publish();
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    std::string stand_in;
    for (int i = 0; i < 3; ++i) {
        co_await shop.ask(shop.mark);
        EXPECT_EQ(shop.told, "spilled; cause=home-down");
        EXPECT_FALSE(shop.was_marked);
        if (i == 0) stand_in = shop.server;
        EXPECT_EQ(shop.server, stand_in);
    }
    EXPECT_NE(stand_in, shop.home);
    EXPECT_TRUE(shop.home_server().health.raise({}, false));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "returned");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.moves(affinity::cause::home_down), 0u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, nobody_returns_to_another_generation) {
    harbour shop(world, {.then = home_down::successor});
    shop.pool.returns_home = true;
    shop.publish();
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "spilled; cause=home-down");
    const std::string stand_in = shop.server;
    co_await shop.pass(2s);
    EXPECT_TRUE(shop.home_server().health.raise(world.io().clock().wall, true));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=stale");
    EXPECT_EQ(shop.server, stand_in);
    EXPECT_TRUE(shop.was_marked);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, stand_in);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(home_down, whoever_was_not_here_meanwhile_begins_anew_with_that_generation) {
    harbour shop(world, {.then = home_down::successor});
    shop.pool.returns_home = true;
    shop.publish();
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    co_await shop.pass(2s);
    EXPECT_TRUE(shop.home_server().health.raise(world.io().clock().wall, true));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
}

SIM_TEST(home_down, with_shared_data_sessions_return_to_any_generation) {
    harbour shop(world, {.then = home_down::successor});
    shop.pool.returns_home = true;
    shop.pool.shares_data = true;
    shop.publish();
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    co_await shop.ask(shop.mark);
    co_await shop.pass(2s);
    EXPECT_TRUE(shop.home_server().health.raise(world.io().clock().wall, true));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "returned");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
}

// ---- valuable sessions ------------------------------------------------------------------------

/// A shop where the valuable stay with their home, and all others move.
class vault final : public harbour {
  public:
    explicit vault(sim::world& world) : harbour(world, {}) {
        pool.valuable.paths = {"/checkout/"};
        pool.valuable.when_home_is_down = upstream::home_down_rule{.then = home_down::refuse};
        publish();
    }

    task<std::string> status_of(std::string path) {
        visitor who;
        who.cookie = mark;
        who.sends(path);
        co_await visit(who);
        co_return who.received().front() == "503" ? "503" : "served";
    }
};

SIM_TEST(valuable, a_session_that_reached_a_path_has_a_policy_of_its_own) {
    vault shop(world);
    co_await shop.settle();
    const std::string ordinary = shop.mark;
    co_await shop.ask();
    while (shop.server != shop.home) co_await shop.ask();
    EXPECT_EQ(co_await shop.status_of("/checkout/now"), "served");
    EXPECT_TRUE(shop.home_server().health.take_down());
    EXPECT_EQ(co_await shop.status_of("/"), "503");
    co_await shop.ask(ordinary);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(valuable, a_path_counts_with_the_very_request_that_reaches_it) {
    vault shop(world);
    co_await shop.settle();
    EXPECT_TRUE(shop.home_server().health.take_down());
    EXPECT_EQ(co_await shop.status_of("/checkout/now"), "503");
    co_await shop.close();
}

SIM_TEST(valuable, a_path_that_only_looks_alike_is_none) {
    vault shop(world);
    co_await shop.settle();
    EXPECT_EQ(co_await shop.status_of("/x/checkout/"), "served");
    EXPECT_TRUE(shop.home_server().health.take_down());
    EXPECT_EQ(co_await shop.status_of("/"), "served");
    co_await shop.close();
}

SIM_TEST(valuable, by_its_servers_word_a_session_is_until_it_is_ordinary_again) {
    vault shop(world);
    co_await shop.settle();
    for (const auto* word : {"valuable", "ordinary"}) {
        shop.lab::server(shop.home).answer =
            "HTTP/1.1 200 OK\r\nHawser-Session: " + std::string(word) +
            "\r\nContent-Length: 2\r\n\r\nhi";
        EXPECT_EQ(co_await shop.status_of("/"), "served");
        EXPECT_TRUE(shop.home_server().health.take_down());
        EXPECT_EQ(co_await shop.status_of("/"), word == std::string("valuable") ? "503" : "served");
        EXPECT_TRUE(shop.home_server().health.raise({}, false));
    }
    co_await shop.close();
}

}  // namespace
}  // namespace hawser::proxy
