// SPDX-License-Identifier: Apache-2.0
#include "balance/roster.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

using namespace std::chrono_literals;

TEST(roster, finds_a_member_among_candidates_whoever_of_them_is_missing) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}};
    roster all;
    all.update(servers.all);

    for (unsigned subset = 0; subset < 64; ++subset) {
        std::vector<server*> usable;
        for (unsigned n = 0; n < 6; ++n)
            if ((subset >> n & 1) != 0) usable.push_back(servers.all[n]);
        for (unsigned place = 0; place < 6; ++place)
            ASSERT_EQ(all.find(place, usable),
                      (subset >> place & 1) != 0 ? servers.all[place] : nullptr)
                << subset << ' ' << place;
    }
}

TEST(roster, is_updated_only_by_another_pool_or_other_weights) {
    fleet_of servers{{"a"}, {"b"}};
    roster all;

    EXPECT_TRUE(all.update(servers.all));
    EXPECT_FALSE(all.update(servers.all));
    servers["a"].set_weight(2);
    EXPECT_TRUE(all.update(servers.all));
    servers.add({"c"});
    EXPECT_TRUE(all.update(servers.all));
    EXPECT_TRUE(all.update(candidates(servers.all).first(1)));
}

TEST(roster, looks_at_weights_once_a_second) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    const steady_time start{};
    roster all;
    all.update(servers.all);
    EXPECT_FALSE(all.update_weights(servers.all, start));

    servers["c"].set_weight(5);

    EXPECT_FALSE(all.update_weights(servers.all, start + 999ms));
    EXPECT_TRUE(all.update_weights(candidates(servers.all).last(1), start + 1s));
    EXPECT_EQ(all.members()[2].weight, 5u);
    EXPECT_FALSE(all.update_weights(servers.all, start + 2s));
}

TEST(roster, is_not_touched_by_candidates_of_another_pool) {
    const fleet_of servers{{"a"}, {"b"}};
    const fleet_of others{{"c", 3}};
    roster all;
    all.update(servers.all);

    EXPECT_FALSE(all.update_weights(others.all, steady_time{}));
    EXPECT_EQ(all.find(0, others.all), nullptr);
}

}  // namespace
}  // namespace hawser::balance
