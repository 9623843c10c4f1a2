// SPDX-License-Identifier: Apache-2.0
#include "upstream/weight.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

TEST(weight, is_what_people_gave_where_servers_report_none) {
    weight one(4, false);
    EXPECT_EQ(one.effective(), 4u);
    one.report(50);
    EXPECT_EQ(one.effective(), 4u);
    one.set(7);
    EXPECT_EQ(one.effective(), 7u);
}

TEST(weight, is_a_share_of_it_in_hundredths_where_they_do) {
    weight one(4, true);
    EXPECT_EQ(one.effective(), 400u);
    one.report(75);
    EXPECT_EQ(one.effective(), 300u);
    EXPECT_EQ(one.given(), 4u);
    EXPECT_EQ(one.reported(), 75u);
    one.set(1);
    EXPECT_EQ(one.effective(), 75u);
    one.report(0);
    EXPECT_EQ(one.effective(), 0u);
    one.count_in_hundredths(false);
    EXPECT_EQ(one.effective(), 1u);
}

TEST(weight, whoever_changes_a_part_last_has_the_last_word) {
    for (int round = 0; round < 200; ++round) {
        weight one(1, true);
        std::vector<std::jthread> threads;
        threads.emplace_back([&] { one.set(8); });
        threads.emplace_back([&] { one.report(25); });
        threads.clear();
        ASSERT_EQ(one.effective(), 200u);
    }
}

TEST(weight, of_a_server_what_it_asks_for_counts_where_it_is_more) {
    yard yard{described("a")};
    server& a = yard["a"];
    a.ask_for(admin_state::drain);
    EXPECT_EQ(a.state(), admin_state::drain);
    a.set_state(admin_state::maintenance);
    EXPECT_EQ(a.state(), admin_state::maintenance);
    a.ask_for(admin_state::ready);
    EXPECT_EQ(a.state(), admin_state::maintenance) << "people want it";
    a.set_state(admin_state::ready);
    EXPECT_EQ(a.state(), admin_state::ready);
    a.ask_for(admin_state::drain);
    a.set_state(admin_state::ready);
    EXPECT_EQ(a.state(), admin_state::drain) << "it still asks for it";
}

}  // namespace
}  // namespace hawser::upstream
