// SPDX-License-Identifier: Apache-2.0
#include "balance/first_available.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"
#include "upstream/pool.h"

namespace hawser::balance {
namespace {

TEST(first_available, takes_the_first_however_loaded_it_is) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    servers.load("a", 1000);
    first_available by({}, worker_seed{7});

    EXPECT_EQ(servers.picks(by, 100).at("a"), 100);
}

TEST(first_available, goes_on_to_the_next_where_the_first_is_full) {
    std::vector<std::shared_ptr<server>> servers;
    for (const auto* name : {"a", "b", "c"})
        servers.push_back(std::make_shared<server>(
            "shop", upstream::server_description{.name = name, .address = {}, .connections_max = 2},
            1, static_cast<std::uint32_t>(servers.size())));
    const upstream::pool shop("shop", {}, servers);
    first_available by({}, worker_seed{0});

    std::string filled;
    std::vector<upstream::place> taken(6);
    std::vector<server*> scratch;
    for (auto& place : taken) {
        server& picked = by.pick({}, shop.candidates({.now = {}}, scratch));
        ASSERT_TRUE(picked.places.take(place));
        filled += picked.name();
    }

    EXPECT_EQ(filled, "aabbcc");
    EXPECT_TRUE(shop.candidates({.now = {}}, scratch).empty());
    taken[0] = {};
    EXPECT_EQ(by.pick({}, shop.candidates({.now = {}}, scratch)).name(), "a");
}

TEST(first_available, passes_over_a_server_without_weight) {
    const fleet_of servers{{"a", 0}, {"b"}};
    first_available by({}, worker_seed{0});

    EXPECT_EQ(by.pick({}, servers.all).name(), "b");
}

}  // namespace
}  // namespace hawser::balance
