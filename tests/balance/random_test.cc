// SPDX-License-Identifier: Apache-2.0
#include "balance/random.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(random, takes_the_less_loaded_of_two) {
    const fleet_of servers{{"a"}, {"b"}};
    servers.load("a", 1);
    random by({}, worker_seed{1});

    EXPECT_EQ(servers.picks(by, 100).at("b"), 100) << "of two servers both are drawn";
}

TEST(random, never_takes_the_most_loaded_of_all) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    servers.load("d", 5);
    random by({}, worker_seed{1});

    EXPECT_FALSE(servers.picks(by, 1000).contains("d"));
}

TEST(random, is_even_by_weight_when_idle) {
    const fleet_of servers{{"a", 1}, {"b", 2}, {"c", 5}};
    random by({}, worker_seed{1});

    const auto count = servers.picks(by, 80'000);

    EXPECT_NEAR(count.at("a"), 10'000, 500);
    EXPECT_NEAR(count.at("b"), 20'000, 700);
    EXPECT_NEAR(count.at("c"), 50'000, 900);
}

TEST(random, keeps_the_fullest_server_close_to_the_average) {
    fleet_of servers{};
    for (int n = 0; n < 50; ++n) servers.add({"s" + std::to_string(n)});
    random by({}, worker_seed{1});
    for (int i = 0; i < 5'000; ++i) servers.load(by.pick({}, servers.all).name(), 1);

    std::uint32_t fullest = 0;
    for (const server* each : servers.all) fullest = std::max(fullest, each->in_flight());

    EXPECT_LE(fullest, 104u) << "one choice alone would give about 125";
}

TEST(random, of_one_choice_looks_at_no_load) {
    const fleet_of servers{{"a"}, {"b"}};
    servers.load("a", 1000);
    random by({.choices = 1}, worker_seed{1});

    EXPECT_NEAR(servers.picks(by, 10'000).at("a"), 5'000, 200);
}

TEST(random, of_as_many_choices_as_servers_takes_the_least_loaded_of_all) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    for (const auto* name : {"a", "b", "d"}) servers.load(name, 1);
    for (const std::size_t choices : {4uz, 16uz}) {
        random by({.choices = choices}, worker_seed{1});
        EXPECT_EQ(servers.picks(by, 1000).at("c"), 1000) << choices;
    }
}

TEST(random, draws_no_server_twice) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    servers.load("b", 1);
    servers.load("c", 2);
    random by({.choices = 2}, worker_seed{1});

    EXPECT_FALSE(servers.picks(by, 1000).contains("c")) << "the most loaded of two is never taken";
}

TEST(random, differs_from_worker_to_worker) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};
    random first({}, worker_seed{1});
    random second({}, worker_seed{2});

    int same = 0;
    for (int i = 0; i < 1000; ++i)
        same += &first.pick({}, servers.all) == &second.pick({}, servers.all) ? 1 : 0;

    EXPECT_NEAR(same, 200, 60);
}

}  // namespace
}  // namespace hawser::balance
