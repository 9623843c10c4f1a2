// SPDX-License-Identifier: Apache-2.0
#include "clients/network.h"

#include <gtest/gtest.h>

namespace hawser::clients {
namespace {

io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }
network net(std::string_view text) { return network::parse(text).value(); }

TEST(network, reads_what_it_writes) {
    for (const auto* text :
         {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0", "::1/128", "unix:"})
        EXPECT_EQ(net(text).text(), text);
    EXPECT_EQ(net("192.0.2.1").text(), "192.0.2.1/32");
}

TEST(network, refuses_what_is_none) {
    for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/8x", "10/8",
                             "10.0.0.0/-1", "localhost", "unix:/run/x"})
        EXPECT_FALSE(network::parse(text)) << text;
}

TEST(network, e135_holds_an_address_by_either_socket) {
    EXPECT_TRUE(net("10.0.0.0/8").contains(ip("::ffff:10.255.0.1")));
    EXPECT_FALSE(net("10.0.0.0/8").contains(ip("11.0.0.1")));
    EXPECT_TRUE(net("10.1.2.0/23").contains(ip("10.1.3.255")));
    EXPECT_FALSE(net("10.1.2.0/23").contains(ip("10.1.4.0")));
    EXPECT_TRUE(net("0.0.0.0/0").contains(ip("255.255.255.255")));
    EXPECT_FALSE(net("0.0.0.0/0").contains(ip("2001:db8::1")));
    EXPECT_TRUE(net("2001:db8::/33").contains(ip("2001:db8:7fff::1")));
    EXPECT_FALSE(net("2001:db8::/33").contains(ip("2001:db8:8000::1")));
}

TEST(network, a_unix_peer_is_in_no_network_but_its_own) {
    EXPECT_TRUE(net("unix:").contains(io::ip_address()));
    EXPECT_FALSE(net("0.0.0.0/0").contains(io::ip_address()));
    EXPECT_FALSE(net("unix:").contains(ip("::1")));
}

TEST(network, tells_its_first_and_its_last_address) {
    EXPECT_EQ(net("10.1.2.3/23").first(), ip("10.1.2.0"));
    EXPECT_EQ(net("10.1.2.3/23").last(), ip("10.1.3.255"));
    EXPECT_EQ(net("10.1.2.3").first(), ip("10.1.2.3"));
    EXPECT_EQ(net("10.1.2.3").last(), ip("10.1.2.3"));
    EXPECT_EQ(net("2001:db8::5/64").last(), ip("2001:db8::ffff:ffff:ffff:ffff"));
    EXPECT_EQ(net("::/0").last(), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

TEST(network, e135_limits_count_an_ipv6_64_as_one) {
    EXPECT_EQ(counted_as(ip("2001:db8:0:1::1")), counted_as(ip("2001:db8:0:1:ffff::2")));
    EXPECT_NE(counted_as(ip("2001:db8:0:1::1")), counted_as(ip("2001:db8:0:2::1")));
    EXPECT_NE(counted_as(ip("10.0.0.1")), counted_as(ip("10.0.0.2")));
    EXPECT_EQ(counted_as(ip("::ffff:10.0.0.1")), counted_as(ip("10.0.0.1")));
}

}  // namespace
}  // namespace hawser::clients
