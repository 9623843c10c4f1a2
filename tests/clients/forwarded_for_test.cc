// SPDX-License-Identifier: Apache-2.0
#include "clients/forwarded_for.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/lines.h"

namespace hawser::clients {
namespace {

std::string by_list(std::string_view peer, const std::vector<std::string_view>& values) {
    return client_by_forwarded_for(ip(peer), lines_of(http::field_id::x_forwarded_for, values),
                                   trusted())
        .text();
}

TEST(forwarded_for, e131_a_client_that_is_no_proxy_of_ours_is_itself) {
    EXPECT_EQ(by_list("192.0.2.1", {"10.0.0.1", "203.0.113.7"}), "192.0.2.1");
}

TEST(forwarded_for, e132_the_rightmost_untrusted_address_is_the_client) {
    EXPECT_EQ(by_list("10.0.0.1", {"198.51.100.9, 203.0.113.7, 10.0.0.2"}), "203.0.113.7");
    EXPECT_EQ(by_list("10.0.0.1", {"198.51.100.9", "203.0.113.7", "10.0.0.2"}), "203.0.113.7");
    EXPECT_EQ(by_list("10.0.0.1", {"203.0.113.7"}), "203.0.113.7");
    EXPECT_EQ(by_list("10.0.0.1", {}), "10.0.0.1");
}

TEST(forwarded_for, e132_of_trusted_ones_alone_the_leftmost) {
    EXPECT_EQ(by_list("10.0.0.1", {"10.0.0.4, 10.0.0.3", "10.0.0.2"}), "10.0.0.4");
}

TEST(forwarded_for, e132_a_word_that_is_no_address_ends_the_walk) {
    EXPECT_EQ(by_list("10.0.0.1", {"203.0.113.7, unknown, 10.0.0.2"}), "10.0.0.2");
    EXPECT_EQ(by_list("10.0.0.1", {"203.0.113.7, 999.0.0.1"}), "10.0.0.1");
    EXPECT_EQ(by_list("10.0.0.1", {"203.0.113.7,, ,10.0.0.2"}), "203.0.113.7");
}

TEST(forwarded_for, e135_an_address_is_read_in_all_its_forms) {
    EXPECT_EQ(by_list("10.0.0.1", {"203.0.113.7:4711"}), "203.0.113.7");
    EXPECT_EQ(by_list("10.0.0.1", {"::ffff:203.0.113.7, ::ffff:10.9.9.9"}), "203.0.113.7");
    EXPECT_EQ(by_list("2001:db8:f::1", {"2001:db8::5 , [2001:db8:f::2]:80"}), "2001:db8::5");
    for (const auto* word :
         {"203.0.113.7:", "203.0.113.7:x", "203.0.113.7:123456", "[203.0.113.7]", "::", "[::]:80",
          "[2001:db8::5", "[2001:db8::5]80", "2001:db8::5:99999:80", "\"1.2.3.4\""})
        EXPECT_EQ(by_list("10.0.0.1", {word}), "10.0.0.1") << word;
}

TEST(forwarded_for, e135_lists_of_300_entries_work) {
    std::string list = "203.0.113.7";
    for (int i = 0; i < 299; ++i) list += ", 10.0.1." + std::to_string(i % 256);
    EXPECT_EQ(by_list("10.0.0.1", {list}), "203.0.113.7");
}

}  // namespace
}  // namespace hawser::clients
