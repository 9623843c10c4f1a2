// SPDX-License-Identifier: Apache-2.0
#include "balance/source_ip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

constexpr int clients = 20'000;

std::vector<std::string> homes(candidates usable) {
    source_ip by({}, worker_seed{0});
    std::vector<std::string> all;
    for (int i = 0; i < clients; ++i)
        all.push_back(by.pick({.hash = static_cast<std::uint64_t>(i)}, usable).name());
    return all;
}

TEST(source_ip, sends_a_client_to_the_same_server_on_every_worker) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    source_ip first({}, worker_seed{1});
    source_ip second({}, worker_seed{2});

    for (std::uint64_t client = 0; client < 1000; ++client)
        EXPECT_EQ(&first.pick({client}, servers.all), &second.pick({client}, servers.all));
}

TEST(source_ip, does_not_depend_on_the_order_of_the_servers) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    std::vector<server*> turned(servers.all.rbegin(), servers.all.rend());

    EXPECT_EQ(homes(servers.all), homes(turned));
}

TEST(source_ip, keeps_the_homes_it_gave_in_earlier_versions) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c"}};
    source_ip by({}, worker_seed{0});

    std::string first;
    for (std::uint64_t client = 0; client < 32; ++client)
        first += by.pick({client}, servers.all).name();

    EXPECT_EQ(first, "bbbcbbcababbcccbbbbbacaaacbcabcc");
}

TEST(source_ip, a_server_that_comes_moves_its_share_to_itself_and_nothing_else) {
    fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto before = homes(servers.all);
    servers.add({"e"});
    const auto after = homes(servers.all);

    int moved = 0;
    for (int i = 0; i < clients; ++i) {
        const auto client = static_cast<std::size_t>(i);
        if (before[client] == after[client]) continue;
        ++moved;
        ASSERT_EQ(after[client], "e");
    }
    EXPECT_NEAR(moved, clients / 5, 250);
}

TEST(source_ip, a_server_that_goes_gives_its_clients_to_all_others) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto before = homes(servers.all);
    const auto after = homes(candidates(servers.all).first(3));

    std::map<std::string, int> heirs;
    for (int i = 0; i < clients; ++i) {
        const auto client = static_cast<std::size_t>(i);
        if (before[client] == "d") {
            ++heirs[after[client]];
        } else {
            ASSERT_EQ(before[client], after[client]);
        }
    }
    for (const auto& [name, count] : heirs) EXPECT_NEAR(count, clients / 12, 200) << name;
    EXPECT_EQ(heirs.size(), 3u);
}

TEST(source_ip, a_weight_that_grows_moves_clients_to_its_server_only) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    const auto before = homes(servers.all);
    servers["a"].set_weight(2);
    const auto after = homes(servers.all);

    int moved = 0;
    for (int i = 0; i < clients; ++i) {
        const auto client = static_cast<std::size_t>(i);
        if (before[client] == after[client]) continue;
        ++moved;
        ASSERT_EQ(after[client], "a");
    }
    EXPECT_NEAR(moved, clients / 2 - clients / 3, 300);
}

TEST(source_ip, spreads_neighbouring_hashes) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    std::map<std::string, int> count;
    source_ip by({}, worker_seed{0});
    for (std::uint64_t i = 0; i < 3000; ++i)
        ++count[by.pick({i << 56 | i >> 8}, servers.all).name()];

    for (const auto& [name, times] : count) EXPECT_NEAR(times, 1000, 120) << name;
}

}  // namespace
}  // namespace hawser::balance
