// SPDX-License-Identifier: Apache-2.0
#include "io/ip_address.h"

#include <gtest/gtest.h>

namespace hawser::io {
namespace {

TEST(ip_address, reads_what_it_writes) {
    for (const auto* text : {"10.0.0.1", "255.255.255.255", "0.0.0.0", "2001:db8::1", "::1",
                             "1:2:3:4:5:6:7:8", "fe80::"}) {
        const auto parsed = ip_address::parse(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->text(), text);
    }
}

TEST(ip_address, refuses_what_is_none) {
    for (const auto* text : {"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "[::1]",
                             "fe80::1%eth0", "localhost", ":::", "1:2:3:4:5:6:7:8:9"})
        EXPECT_FALSE(ip_address::parse(text)) << text;
    EXPECT_FALSE(ip_address::parse(std::string(100, '1')));
    EXPECT_FALSE(ip_address::parse(std::string_view("10.0.0.1\0.9", 11)));
}

TEST(ip_address, is_the_same_mapped_and_plain) {
    EXPECT_EQ(ip_address::parse("::ffff:10.0.0.1"), ip_address::parse("10.0.0.1"));
    EXPECT_TRUE(ip_address::parse("::ffff:10.0.0.1")->is_v4());
    EXPECT_FALSE(ip_address::parse("::10.0.0.1")->is_v4());
}

TEST(ip_address, knows_loopback_in_both_families) {
    EXPECT_TRUE(ip_address::parse("127.0.0.1")->is_loopback());
    EXPECT_TRUE(ip_address::parse("127.9.9.9")->is_loopback());
    EXPECT_TRUE(ip_address::parse("::1")->is_loopback());
    EXPECT_FALSE(ip_address::parse("128.0.0.1")->is_loopback());
    EXPECT_FALSE(ip_address::parse("::2")->is_loopback());
    EXPECT_FALSE(ip_address().is_loopback());
}

TEST(ip_address, none_has_no_text) {
    EXPECT_TRUE(ip_address().is_none());
    EXPECT_EQ(ip_address().text(), "");
}

TEST(ip_address, is_small_enough_to_keep_for_every_connection) {
    EXPECT_EQ(sizeof(ip_address), 16u);
}

}  // namespace
}  // namespace hawser::io
