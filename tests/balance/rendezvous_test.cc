// SPDX-License-Identifier: Apache-2.0
#include "balance/rendezvous.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(rendezvous, moves_nothing_but_what_a_changed_weight_must_and_at_once) {
    const fleet_of servers{{"a"}, {"b", 4}, {"c", 2}};
    rendezvous by({}, worker_seed{});
    std::vector<const server*> before;
    for (std::uint64_t key = 0; key < 1000; ++key)
        before.push_back(&by.pick({.hash = key}, servers.all));
    servers["b"].set_weight(3);

    for (std::uint64_t key = 0; key < 1000; ++key) {
        const server& after = by.pick({.hash = key}, servers.all);
        if (&after != before[key]) ASSERT_EQ(before[key]->name(), "b");
    }
}

TEST(rendezvous, passes_a_full_servers_keys_to_each_ones_next_best) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto by_loads = [&] { return load_bound(headroom(config::percentage{0}), servers.all); };
    const auto by_key = [&](std::uint64_t key) {
        return highest_bid(key, servers.all, by_loads()).name();
    };
    std::map<std::string, int> heirs;
    std::vector<std::uint64_t> of_a;
    for (std::uint64_t key = 0; key < 4000; ++key)
        if (by_key(key) == "a") of_a.push_back(key);
    servers.load("a", 10);
    for (const std::uint64_t key : of_a) ++heirs[by_key(key)];

    EXPECT_EQ(heirs.size(), 3u) << "not all to one neighbour";
    EXPECT_FALSE(heirs.contains("a"));
}

}  // namespace
}  // namespace hawser::balance
