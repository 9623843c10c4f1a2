// SPDX-License-Identifier: Apache-2.0
#include "affinity/source_address.h"

#include <gtest/gtest.h>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

session_key of(pool& shop, std::string_view client, std::string_view server = "203.0.113.1",
               const tls::facts* secured = nullptr) {
    return shop.find(head_with(), client, server, secured).key;
}

TEST(source_address, takes_an_ipv4_address_or_an_ipv6_network_for_one_client) {
    pool shop({choice("source-address")});
    EXPECT_EQ(of(shop, "192.0.2.1"), of(shop, "192.0.2.1"));
    EXPECT_NE(of(shop, "192.0.2.1"), of(shop, "192.0.2.2"));
    EXPECT_EQ(of(shop, "2001:db8::1"), of(shop, "2001:db8::ffff:1"));
    EXPECT_NE(of(shop, "2001:db8::1"), of(shop, "2001:db8:0:1::1"));
}

TEST(source_address, counts_as_many_bits_as_it_is_told) {
    pool wide({made<source_address>({.ipv4_prefix = 24, .ipv6_prefix = 32})});
    EXPECT_EQ(of(wide, "192.0.2.1"), of(wide, "192.0.2.255"));
    EXPECT_NE(of(wide, "192.0.2.1"), of(wide, "192.0.3.1"));
    EXPECT_EQ(of(wide, "2001:db8:1::1"), of(wide, "2001:db8:2::1"));
    EXPECT_NE(of(wide, "2001:db8::1"), of(wide, "2001:db9::1"));
    pool exact({made<source_address>({.ipv6_prefix = 128})});
    EXPECT_NE(of(exact, "2001:db8::1"), of(exact, "2001:db8::2"));
}

TEST(source_address, finds_nothing_where_there_is_no_address) {
    pool shop({choice("source-address")});
    const auto found = shop.find(head_with(), "over a unix socket");
    EXPECT_TRUE(found.key.empty());
    EXPECT_EQ(found.why, cause::no_key);
}

TEST(source_address, may_count_where_the_client_has_come_and_how) {
    const tls::facts tls;
    pool one({choice("source-address")});
    EXPECT_EQ(of(one, "192.0.2.1", "203.0.113.1"), of(one, "192.0.2.1", "203.0.113.2", &tls));
    EXPECT_FALSE(one.all.wants_destination());

    pool two({made<source_address>({.by = tuple::source_destination})});
    EXPECT_TRUE(two.all.wants_destination());
    EXPECT_NE(of(two, "192.0.2.1", "203.0.113.1"), of(two, "192.0.2.1", "203.0.113.2"));
    EXPECT_EQ(of(two, "192.0.2.1", "203.0.113.1"), of(two, "192.0.2.1", "203.0.113.1", &tls));

    pool three({made<source_address>({.by = tuple::source_destination_protocol})});
    EXPECT_NE(of(three, "192.0.2.1", "203.0.113.1"), of(three, "192.0.2.1", "203.0.113.1", &tls));
    EXPECT_NE(of(three, "192.0.2.1", "203.0.113.1"), of(three, "192.0.2.1", "203.0.113.2"));
}

}  // namespace
}  // namespace hawser::affinity
