// SPDX-License-Identifier: Apache-2.0
#include "clients/network_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace hawser::clients {
namespace {

using entry = network_table::entry;

io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }
network net(std::string_view text) { return network::parse(text).value(); }

/// What a table must find, by looking at every entry.
std::optional<network_table::mark> plainly(const std::vector<entry>& all,
                                           const io::ip_address& one) {
    const entry* best = nullptr;
    for (const entry& each : all)
        if (each.network.contains(one) &&
            (best == nullptr || each.network.bits >= best->network.bits))
            best = &each;
    return best != nullptr ? std::optional(best->marked) : std::nullopt;
}

TEST(network_table, the_longest_network_counts) {
    const network_table table({{net("10.0.0.0/8"), 1},
                               {net("10.1.0.0/16"), 2},
                               {net("10.1.2.0/24"), 3},
                               {net("10.1.2.3"), 4}});
    EXPECT_EQ(table.find(ip("10.0.0.0")), 1);
    EXPECT_EQ(table.find(ip("10.1.0.0")), 2);
    EXPECT_EQ(table.find(ip("10.1.2.2")), 3);
    EXPECT_EQ(table.find(ip("10.1.2.3")), 4);
    EXPECT_EQ(table.find(ip("10.1.2.4")), 3);
    EXPECT_EQ(table.find(ip("10.1.3.0")), 2);
    EXPECT_EQ(table.find(ip("10.2.0.0")), 1);
    EXPECT_EQ(table.find(ip("11.0.0.0")), std::nullopt);
    EXPECT_EQ(table.find(ip("9.255.255.255")), std::nullopt);
}

TEST(network_table, an_empty_one_holds_nobody) {
    EXPECT_EQ(network_table().find(ip("10.0.0.1")), std::nullopt);
    EXPECT_TRUE(network_table().empty());
}

TEST(network_table, networks_that_begin_or_end_together_nest) {
    const network_table table({{net("10.0.0.0/8"), 1},
                               {net("10.0.0.0/16"), 2},
                               {net("10.255.0.0/16"), 3},
                               {net("10.255.255.255"), 4}});
    EXPECT_EQ(table.find(ip("10.0.0.0")), 2);
    EXPECT_EQ(table.find(ip("10.1.0.0")), 1);
    EXPECT_EQ(table.find(ip("10.255.0.0")), 3);
    EXPECT_EQ(table.find(ip("10.255.255.255")), 4);
    EXPECT_EQ(table.find(ip("11.0.0.0")), std::nullopt);
}

TEST(network_table, reaches_the_last_address_of_all) {
    const auto last = ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    const network_table table({{net("::/0"), 1}, {network{last}, 2}});
    EXPECT_EQ(table.find(last), 2);
    EXPECT_EQ(table.find(ip("::1")), 1);
    EXPECT_EQ(table.find(ip("10.0.0.1")), 1);
    EXPECT_EQ(network_table({{net("::/0"), 7}}).find(last), 7);
}

TEST(network_table, of_the_same_network_twice_the_later_entry_counts) {
    EXPECT_EQ(network_table({{net("10.0.0.0/8"), 1}, {net("10.9.9.9/8"), 2}}).find(ip("10.1.1.1")),
              2);
}

TEST(network_table, finds_what_looking_at_every_entry_finds) {
    std::mt19937 dice(20);
    for (int round = 0; round < 200; ++round) {
        std::vector<entry> all;
        const auto address = [&] {
            std::array<std::uint8_t, 16> bytes{};
            const bool is_v4 = dice() % 2 == 0;
            if (is_v4) bytes[10] = bytes[11] = 0xff;
            // Few values, so that networks nest and meet.
            for (std::size_t i = is_v4 ? 12 : 0; i < 16; ++i)
                bytes[i] = std::uint8_t(dice() % 3 == 0 ? 0xff : dice() % 3);
            return io::ip_address(bytes);
        };
        for (unsigned i = 0; i < 1 + dice() % 60; ++i) {
            const auto base = address();
            const unsigned bits =
                base.is_v4() ? 96 + unsigned(dice() % 33) : unsigned(dice() % 129);
            all.push_back({{base, bits}, network_table::mark(dice() % 5)});
        }
        const network_table table(all);
        EXPECT_LE(table.borders(), 2 * all.size() + 1);
        for (const entry& each : all) {
            for (const auto& one : {each.network.first(), each.network.last(), address()})
                ASSERT_EQ(table.find(one), plainly(all, one)) << one.text();
        }
    }
}

}  // namespace
}  // namespace hawser::clients
