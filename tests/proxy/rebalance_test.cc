// SPDX-License-Identifier: Apache-2.0
// Sessions whose home has too many of them, and sessions whose data all servers know.

#include <gtest/gtest.h>

#include <string>

#include "proxy/shop.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using affinity::cause;

/// A session that has come back, so that it is more than tentative.
task<> settle(shop& shop) {
    co_await shop.ask();
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
}

std::string other_than(const std::string& home) { return home == "blue" ? "green" : "blue"; }

SIM_TEST(rebalance, moves_an_idle_session_to_a_server_that_lacks_some) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    shop.known(other_than(home)).balance.set_lacks(true);
    shop.known(home).balance.give(1, 5min);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit") << "it was not idle for long enough";
    EXPECT_TRUE((co_await sleep_for(5min)).has_value());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=rebalanced");
    EXPECT_EQ(shop.server, other_than(home));
    EXPECT_TRUE(shop.was_marked);
    EXPECT_EQ(shop.moves(cause::rebalanced), 1u);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(rebalance, moves_no_more_than_may_be_given_away) {
    shop shop(world);
    std::vector<std::string> marks;
    const std::string home = "blue";
    while (marks.size() < 3) {
        co_await settle(shop);
        if (shop.server == home) marks.push_back(shop.mark);
    }
    shop.known("green").balance.set_lacks(true);
    shop.known(home).balance.give(2, 0s);
    for (const auto& each : marks) co_await shop.ask(each);
    EXPECT_EQ(shop.moves(cause::rebalanced), 2u);
    EXPECT_EQ(shop.known(home).balance.to_give(), 0u);
    co_await shop.close();
}

SIM_TEST(rebalance, moves_nobody_where_nobody_lacks_sessions) {
    shop shop(world);
    co_await settle(shop);
    const std::string home = shop.server;
    shop.known(home).balance.give(1, 0s);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    shop.known(other_than(home)).balance.set_lacks(true);
    shop.known(other_than(home)).set_state(upstream::admin_state::maintenance);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit") << "who lacks some cannot have them";
    EXPECT_EQ(shop.known(home).balance.to_give(), 1u);
    co_await shop.close();
}

SIM_TEST(rebalance, moves_no_session_that_never_came_back) {
    shop shop(world);
    co_await shop.ask();
    const std::string home = shop.server;
    shop.known(home).balance.give(1, 0s);
    shop.known(other_than(home)).balance.set_lacks(true);
    EXPECT_TRUE((co_await sleep_for(5min)).has_value());
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
}

SIM_TEST(shared_data, goes_on_with_a_home_that_is_another_process_now) {
    shop shop(world);
    shop.pool.shares_data = true;
    shop.publish();
    shop.announce("one");
    co_await settle(shop);
    const std::string home = shop.server;
    shop.announce(home, "two");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit") << "found by the answer itself";
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    co_await shop.close();
}

SIM_TEST(shared_data, of_none_a_home_that_is_another_process_now_is_stale) {
    shop shop(world);
    shop.announce("one");
    co_await settle(shop);
    const std::string home = shop.server;
    shop.announce(home, "two");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "new; cause=stale");
    EXPECT_EQ(shop.server, home);
    co_await shop.close();
}

}  // namespace
}  // namespace hawser::proxy
