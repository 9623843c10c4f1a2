// SPDX-License-Identifier: Apache-2.0
#include "balance/least_sessions.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(least_sessions, takes_the_server_with_the_fewest_sessions_per_weight) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c"}};
    servers["a"].sessions.set(60);
    servers["b"].sessions.set(100);
    servers["c"].sessions.set(70);
    servers.load("b", 1000);
    least_sessions by({}, worker_seed{0});

    EXPECT_EQ(by.pick({}, servers.all).name(), "b") << "100/2 < 60/1, whatever is in flight";
}

TEST(least_sessions, counts_those_bound_until_the_registry_tells_anew) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    servers["a"].sessions.set(10);
    servers["b"].sessions.set(13);
    servers["c"].sessions.set(1000);
    least_sessions by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 23), (std::map<std::string, int>{{"a", 13}, {"b", 10}}));

    servers["c"].sessions.set(0);
    EXPECT_EQ(servers.picks(by, 23).at("c"), 23);
}

TEST(least_sessions, fills_a_newcomer_up_to_the_others_and_not_beyond) {
    fleet_of servers{{"a"}, {"b"}};
    servers["a"].sessions.set(100);
    servers["b"].sessions.set(100);
    servers.add({"c"});
    least_sessions by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 100).at("c"), 100);
    EXPECT_EQ(servers.picks(by, 30), (std::map<std::string, int>{{"a", 10}, {"b", 10}, {"c", 10}}));
}

TEST(least_sessions, takes_turns_by_weight_where_all_have_equally_many) {
    const fleet_of servers{{"a", 2}, {"b", 1}};
    least_sessions by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 30), (std::map<std::string, int>{{"a", 20}, {"b", 10}}));
}

}  // namespace
}  // namespace hawser::balance
