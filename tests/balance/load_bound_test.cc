// SPDX-License-Identifier: Apache-2.0
#include "balance/load_bound.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"
#include "base/limits.h"

namespace hawser::balance {
namespace {

headroom percent(unsigned value) { return headroom(config::percentage{value}); }

TEST(load_bound, that_is_off_admits_every_server_of_some_weight) {
    const fleet_of servers{{"a"}, {"b", 0}};
    servers.load("a", 1'000'000);
    const load_bound bound({}, servers.all);

    EXPECT_TRUE(bound.admits(servers["a"]));
    EXPECT_FALSE(bound.admits(servers["b"]));
}

TEST(load_bound, is_the_share_by_weight_and_the_headroom_above_it) {
    const fleet_of servers{{"a", 3}, {"b", 1}};
    servers.load("a", 30);
    servers.load("b", 9);
    // Of 39 requests and the one to come a's share is 30, b's is 10; a quarter more: 37.5, 12.5.
    const load_bound bound(percent(25), servers.all);

    servers.load("a", 7);
    EXPECT_TRUE(bound.admits(servers["a"])) << "37 < 37.5";
    servers.load("a", 1);
    EXPECT_FALSE(bound.admits(servers["a"]));
    servers.load("b", 3);
    EXPECT_TRUE(bound.admits(servers["b"])) << "12 < 12.5";
    servers.load("b", 1);
    EXPECT_FALSE(bound.admits(servers["b"]));
}

TEST(load_bound, admits_somebody_whatever_the_loads_even_without_headroom) {
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        const fleet_of servers{{"a", 1 + seed % 7}, {"b", 1 + seed % 5}, {"c", 1 + seed % 3}};
        servers.load("a", seed % 11);
        servers.load("b", seed % 13);
        servers.load("c", seed % 17);
        const load_bound bound(percent(0), servers.all);

        ASSERT_TRUE(bound.admits(servers["a"]) || bound.admits(servers["b"]) ||
                    bound.admits(servers["c"]))
            << seed;
    }
}

TEST(load_bound, is_exact_for_the_heaviest_and_busiest_pool) {
    fleet_of servers{};
    for (std::size_t n = 0; n < limits::servers_of_pool_max; ++n)
        servers.add({"s" + std::to_string(n), limits::server_weight_max});
    for (server* each : servers.all) each->load.of_worker(0).in_flight.add(4'000'000);
    servers.load("s0", 4'008'000);
    const load_bound bound(percent(100), servers.all);

    EXPECT_FALSE(bound.admits(servers["s0"])) << "8,008,000, and twice the share is 8,007,828";
    EXPECT_TRUE(bound.admits(servers["s1"]));
}

}  // namespace
}  // namespace hawser::balance
