// SPDX-License-Identifier: Apache-2.0
#include "balance/maglev.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(maglev, gives_shares_within_a_hundredth_of_the_weights) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c", 3}, {"d", 4}};
    maglev by({}, worker_seed{});

    for (const auto& [name, times] : servers.picks(by, 1'000'000))
        EXPECT_NEAR(times, 100'000.0 * servers[name].weight(), 1'000.0 * servers[name].weight());
}

TEST(maglev, gives_a_light_server_beside_heavy_ones_its_share) {
    fleet_of servers{{"light", 1}};
    for (int n = 0; n < 20; ++n) servers.add({"heavy" + std::to_string(n), 256});
    maglev by({}, worker_seed{});

    EXPECT_NEAR(servers.picks(by, 1'000'000)["light"], 1'000'000.0 / (20 * 256 + 1), 40);
}

TEST(maglev, has_no_table_while_nobody_has_weight) {
    const fleet_of servers{{"a", 0}, {"b", 0}};
    maglev by({}, worker_seed{});
    by.meet(servers.all);
    (void)by.pick({}, servers.all);
    servers["b"].set_weight(1);

    EXPECT_EQ(by.pick({}, servers.all).name(), "b");
}

}  // namespace
}  // namespace hawser::balance
