// SPDX-License-Identifier: Apache-2.0
#include "balance/round_robin.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(round_robin, takes_each_server_in_turn_whatever_its_load) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    servers.load("a", 1000);
    round_robin by({}, worker_seed{0});

    for (const auto* expected : {"a", "b", "c", "a", "b", "c"})
        EXPECT_EQ(by.pick({}, servers.all).name(), expected);
}

TEST(round_robin, is_exact_by_weight_over_every_round) {
    const fleet_of servers{{"a", 3}, {"b", 2}, {"c", 1}};
    round_robin by({}, worker_seed{7});

    for (int round = 0; round < 100; ++round)
        EXPECT_EQ(servers.picks(by, 6), (std::map<std::string, int>{{"a", 3}, {"b", 2}, {"c", 1}}));
}

}  // namespace
}  // namespace hawser::balance
