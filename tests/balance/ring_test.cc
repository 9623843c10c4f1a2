// SPDX-License-Identifier: Apache-2.0
#include "balance/ring.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"
#include "base/limits.h"

namespace hawser::balance {
namespace {

TEST(ring, gives_shares_within_a_tenth_of_the_weights) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c", 3}, {"d", 4}};
    ring by({}, worker_seed{});

    for (const auto& [name, times] : servers.picks(by, 100'000))
        EXPECT_NEAR(times, 10'000.0 * servers[name].weight(), 1'000.0 * servers[name].weight());
}

TEST(ring, of_the_heaviest_pool_has_no_more_points_than_its_limit) {
    fleet_of servers{};
    for (std::size_t n = 0; n < limits::servers_of_pool_max; ++n)
        servers.add({"s" + std::to_string(n), limits::server_weight_max});
    ring by({}, worker_seed{});
    by.meet(servers.all);
    (void)by.pick({}, servers.all);

    EXPECT_EQ(by.points(), limits::ring_points_max);
}

TEST(ring, has_a_number_of_points_for_each_unit_of_weight) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c", 0}};
    ring by({}, worker_seed{});
    by.meet(servers.all);
    (void)by.pick({}, servers.all);

    EXPECT_EQ(by.points(), 3 * limits::ring_points);
}

TEST(ring, passes_the_keys_of_a_full_server_to_many) {
    fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};
    ring by({.headroom = headroom(config::percentage{0})}, worker_seed{});
    const auto before = servers.picks(by, 1000);
    servers.load("a", 10);
    const auto after = servers.picks(by, 1000);

    EXPECT_FALSE(after.contains("a"));
    for (const auto* name : {"b", "c", "d", "e"})
        EXPECT_GT(after.at(name), before.at(name)) << name;
}

}  // namespace
}  // namespace hawser::balance
