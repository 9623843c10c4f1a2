// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a release, and within it to a server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "proxy/crowded.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;

/// Two servers run the old release, one the new one.
class harbour final : public crowded {
  public:
    harbour(sim::world& world, std::uint32_t old_weight, std::uint32_t new_weight)
        : crowded(world) {
        for (const auto* name : {"blue", "green", "red"}) known(name).places.set_maximum(64);
        weigh(old_weight, new_weight);
    }

    void weigh(std::uint32_t old_weight, std::uint32_t new_weight) {
        pool.releases = {{.name = "old", .weight = old_weight, .servers = ids({"blue", "green"})},
                         {.name = "new", .weight = new_weight, .servers = ids({"red"})}};
        publish();
    }

    static std::vector<server_id> ids(std::initializer_list<const char*> names) {
        std::vector<server_id> made;
        for (const auto* each : names) made.push_back(server_id_of("shop", each));
        std::ranges::sort(made);
        return made;
    }

    /// A session at home there, by its mark.
    task<std::string> settled(std::string at) {
        do co_await ask();
        while (server != at);
        const std::string mine = mark;
        co_await ask(mine);
        EXPECT_EQ(told, "hit");
        co_return mine;
    }
};

SIM_TEST(release, has_its_share_of_new_sessions) {
    harbour shop(world, 3, 1);
    int at_new = 0;
    for (int i = 0; i < 400; ++i) {
        co_await shop.ask();
        at_new += shop.server == "red";
    }
    EXPECT_GT(at_new, 60);
    EXPECT_LT(at_new, 140);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(release, of_weight_0_keeps_its_sessions_and_gets_no_new_ones) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("blue");
    shop.weigh(0, 1);
    for (int i = 0; i < 20; ++i) {
        co_await shop.ask();
        EXPECT_EQ(shop.server, "red");
    }
    co_await shop.ask(mine);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, "blue");
    co_await shop.close();
}

SIM_TEST(release, is_kept_by_sessions_whose_home_dies_also_at_weight_0) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("blue");
    shop.weigh(0, 1);
    EXPECT_TRUE(shop.known("blue").health.take_down());
    co_await shop.ask(mine);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_EQ(shop.server, "green");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(release, is_kept_where_a_connection_is_refused) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("blue");
    shop.refuse("blue");
    co_await shop.ask(mine);
    EXPECT_EQ(shop.server, "green");
    co_await shop.close();
}

SIM_TEST(release, that_has_no_server_left_gives_its_sessions_to_another) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("red");
    EXPECT_TRUE(shop.known("red").health.take_down());
    co_await shop.ask(mine);
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    EXPECT_NE(shop.server, "red");
    for (int i = 0; i < 10; ++i) {
        co_await shop.ask();
        EXPECT_NE(shop.server, "red");
    }
    co_await shop.close();
}

SIM_TEST(release, that_refuses_connections_leaves_its_newcomers_to_another) {
    harbour shop(world, 0, 1);
    shop.weigh(1, 9);
    shop.refuse("red");
    for (int i = 0; i < 10; ++i) {
        co_await shop.ask();
        EXPECT_NE(shop.server, "red");
    }
    co_await shop.close();
}

SIM_TEST(release, of_weight_0_serves_nobody_new_even_if_it_is_all_there_is) {
    harbour shop(world, 0, 1);
    EXPECT_TRUE(shop.known("red").health.take_down());
    visitor who;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_EQ(who.received(), answers{"503"});
    EXPECT_EQ(shop.endings(), (counts{{"no-server", 1}}));
    co_await shop.close();
}

SIM_TEST(release, is_not_left_for_servers_of_another_one_that_lack_sessions) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("blue");
    shop.known("red").balance.set_lacks(true);
    shop.known("blue").balance.give(5, std::chrono::seconds(0));
    co_await shop.ask(mine);
    EXPECT_EQ(shop.told, "hit");
    shop.known("green").balance.set_lacks(true);
    co_await shop.ask(mine);
    EXPECT_EQ(shop.told, "moved; cause=rebalanced");
    EXPECT_EQ(shop.server, "green");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(release, is_waited_for_by_its_sessions_where_its_servers_are_full) {
    harbour shop(world, 1, 1);
    const auto mine = co_await shop.settled("red");
    for (const auto* name : {"blue", "green", "red"}) shop.known(name).places.set_maximum(1);
    shop.fill("red");
    scope visits;
    visitor who;
    co_await shop.begin(visits, who, mine);
    EXPECT_EQ(shop.waiting(), 1u);
    EXPECT_THAT(who.received(), IsEmpty());
    shop.free("red");
    co_await visits.join();
    shop.take(who, {});
    EXPECT_EQ(shop.server, "red");
    co_await shop.close();
    shop.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
