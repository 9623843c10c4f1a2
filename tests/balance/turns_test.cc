// SPDX-License-Identifier: Apache-2.0
#include "balance/turns.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

std::string sequence(turns& by, int length, candidates usable) {
    std::string names;
    for (int i = 0; i < length; ++i) names += by.next(usable).name();
    return names;
}

TEST(turns, are_spread_out_and_not_in_blocks) {
    const fleet_of servers{{"a", 5}, {"b", 1}, {"c", 1}};
    turns fair(worker_seed{0});

    EXPECT_EQ(sequence(fair, 14, servers.all), "aabacaaaabacaa");
}

TEST(turns, begin_elsewhere_on_another_worker) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    turns first(worker_seed{0});
    turns second(worker_seed{1});

    EXPECT_EQ(sequence(first, 6, servers.all), "abcabc");
    EXPECT_EQ(sequence(second, 6, servers.all), "bcabca");
}

TEST(turns, go_on_in_proportion_when_a_server_comes) {
    fleet_of servers{{"a", 2}, {"b", 1}};
    turns fair(worker_seed{0});
    sequence(fair, 100, servers.all);

    servers.add({"c", 3});
    const auto after = sequence(fair, 60, servers.all);

    EXPECT_EQ(std::ranges::count(after, 'a'), 20);
    EXPECT_EQ(std::ranges::count(after, 'b'), 10);
    EXPECT_EQ(std::ranges::count(after, 'c'), 30);
}

TEST(turns, give_nothing_extra_to_a_server_that_was_away) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    turns fair(worker_seed{0});
    sequence(fair, 30, servers.all);
    sequence(fair, 30, candidates(servers.all).first(2));

    const auto after = sequence(fair, 9, servers.all);

    EXPECT_EQ(std::ranges::count(after, 'c'), 3);
}

TEST(turns, are_rarely_uneven_when_owners_come_and_go_for_ever) {
    turns fair(worker_seed{0});
    int uneven = 0;
    for (int round = 0; round < 2000; ++round) {
        const fleet_of servers{{"a" + std::to_string(round)}, {"b" + std::to_string(round)}};
        const server& first = fair.next(servers.all);
        uneven += &first == &fair.next(servers.all) ? 1 : 0;
    }
    EXPECT_LE(uneven, 2) << "accounts are bounded, and forgotten when they are too many";
}

}  // namespace
}  // namespace hawser::balance
