// SPDX-License-Identifier: Apache-2.0
#include "clients/access_list.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hawser::clients {
namespace {

io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }
network net(std::string_view text) { return network::parse(text).value(); }

TEST(access_list, an_empty_one_admits_everybody) {
    EXPECT_TRUE(access_list().admits(ip("10.0.0.1")));
    EXPECT_TRUE(access_list().admits(io::ip_address()));
}

TEST(access_list, denies_by_name_or_admits_by_name) {
    const access_list denies({}, std::array{net("10.0.0.0/8")});
    EXPECT_FALSE(denies.admits(ip("10.0.0.1")));
    EXPECT_TRUE(denies.admits(ip("192.0.2.1")));
    const access_list allows(std::array{net("10.0.0.0/8")}, {});
    EXPECT_TRUE(allows.admits(ip("10.0.0.1")));
    EXPECT_FALSE(allows.admits(ip("192.0.2.1")));
    EXPECT_FALSE(allows.admits(io::ip_address()));
}

TEST(access_list, the_longest_network_decides_and_denial_breaks_a_tie) {
    const access_list list(std::array{net("10.0.0.0/8"), net("10.6.6.0/24"), net("192.0.2.1")},
                           std::array{net("10.6.0.0/16"), net("192.0.2.1")});
    EXPECT_TRUE(list.admits(ip("10.1.0.1")));
    EXPECT_FALSE(list.admits(ip("10.6.0.1")));
    EXPECT_TRUE(list.admits(ip("10.6.6.1")));
    EXPECT_FALSE(list.admits(ip("192.0.2.1")));
}

TEST(access_list, holds_a_hundred_thousand_networks) {
    std::vector<network> denied;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        std::array<std::uint8_t, 16> bytes{};
        bytes[10] = bytes[11] = 0xff;
        bytes[12] = std::uint8_t(i >> 16);
        bytes[13] = std::uint8_t(i >> 8);
        bytes[14] = std::uint8_t(i);
        bytes[15] = 0x10;
        denied.push_back({io::ip_address(bytes), 124});
    }
    const access_list list({}, denied);
    EXPECT_FALSE(list.admits(ip("1.134.159.31")));  // of the last one
    EXPECT_TRUE(list.admits(ip("1.134.159.32")));
    EXPECT_FALSE(list.admits(ip("0.0.0.16")));
    EXPECT_TRUE(list.admits(ip("0.0.0.15")));
}

}  // namespace
}  // namespace hawser::clients
