// SPDX-License-Identifier: Apache-2.0
#include "balance/least_connections.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(least_connections, takes_the_server_with_the_fewest_requests_in_flight) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    servers.load("a", 3);
    servers.load("b", 1);
    servers.load("c", 2);
    least_connections by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 10).at("b"), 10);
}

TEST(least_connections, sees_what_all_workers_have_in_flight) {
    const fleet_of servers{{"a"}, {"b"}};
    servers.load("a", 2, 0);
    servers.load("b", 1, 0);
    servers.load("b", 2, 1);
    least_connections by({}, worker_seed{0});

    EXPECT_EQ(by.pick({}, servers.all).name(), "a");
}

TEST(least_connections, compares_by_weight) {
    const fleet_of servers{{"a", 3}, {"b", 1}};
    servers.load("a", 5);
    servers.load("b", 2);
    least_connections by({}, worker_seed{0});

    EXPECT_EQ(by.pick({}, servers.all).name(), "a") << "5/3 < 2/1";
    servers.load("a", 2);
    EXPECT_EQ(by.pick({}, servers.all).name(), "b") << "7/3 > 2/1";
}

TEST(least_connections, takes_turns_when_idle) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    least_connections by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 30), (std::map<std::string, int>{{"a", 10}, {"b", 10}, {"c", 10}}));
}

TEST(least_connections, takes_turns_by_weight_when_idle) {
    const fleet_of servers{{"a", 2}, {"b", 1}};
    least_connections by({}, worker_seed{0});

    EXPECT_EQ(servers.picks(by, 30), (std::map<std::string, int>{{"a", 20}, {"b", 10}}));
}

TEST(least_connections, fills_a_newcomer_up_to_the_others_and_not_beyond) {
    fleet_of servers{{"a"}, {"b"}};
    servers.load("a", 10);
    servers.load("b", 10);
    servers.add({"c"});
    least_connections by({}, worker_seed{0});

    for (int i = 0; i < 10; ++i) {
        server& picked = by.pick({}, servers.all);
        EXPECT_EQ(picked.name(), "c");
        servers.load("c", 1);
    }
    EXPECT_EQ(servers.picks(by, 3), (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}}));
}

}  // namespace
}  // namespace hawser::balance
