// SPDX-License-Identifier: Apache-2.0
#include "http/uri.h"

#include <gtest/gtest.h>

#include <array>

#include <string>
#include <vector>

namespace hawser::http {
namespace {

/// The normal path as text, or what stands for an error.
std::string normal(std::string_view path) {
    std::vector<char> out(path.size());
    const auto found = normal_path(path, out);
    return found ? std::string(*found) : "error";
}

TEST(normal_path, e37_decodes_once_but_not_the_slash) {
    EXPECT_EQ(normal("/a%62c"), "/abc");
    EXPECT_EQ(normal("/%41%7a"), "/Az");
    EXPECT_EQ(normal("/a%2Fb%2fc"), "/a%2Fb%2fc");
    EXPECT_EQ(normal("/%252e%252e/x"), "/%2e%2e/x");
    EXPECT_EQ(normal("/%25%32%65"), "/%2e");
    EXPECT_EQ(normal("/a%zz%4"), "/a%zz%4");
    EXPECT_EQ(normal("/%"), "/%");
}

TEST(normal_path, e37_merges_slashes) {
    EXPECT_EQ(normal("//a///b/"), "/a/b/");
    EXPECT_EQ(normal("///"), "/");
    EXPECT_EQ(normal("/a//../b"), "/b");
}

TEST(normal_path, e37_resolves_dot_segments) {
    EXPECT_EQ(normal("/a/./b"), "/a/b");
    EXPECT_EQ(normal("/a/../b"), "/b");
    EXPECT_EQ(normal("/a/b/.."), "/a/");
    EXPECT_EQ(normal("/a/b/."), "/a/b/");
    EXPECT_EQ(normal("/a/%2e%2E/b"), "/b");
    EXPECT_EQ(normal("/a/.%2e/b"), "/b");
    EXPECT_EQ(normal("/.hidden/..x/..."), "/.hidden/..x/...");
    EXPECT_EQ(normal("/."), "/");
    EXPECT_EQ(normal("/a/.."), "/");
}

TEST(normal_path, e37_refuses_to_climb_above_the_root_and_nul) {
    for (const char* path : {"/..", "/../a", "/a/../../b", "/%2e%2e/a", "/a/..//../b", "/a%00b",
                             "/./..", "//../x", "/%00"})
        EXPECT_EQ(normal(path), "error") << path;
}

TEST(normal_path, returns_an_ordinary_path_itself) {
    const std::string_view path = "/cart/items";
    std::vector<char> out(path.size());
    EXPECT_EQ(normal_path(path, out)->data(), path.data());
    EXPECT_EQ(normal("*"), "*");
}

TEST(authority, e42_is_taken_apart) {
    const auto plain = split_authority("shop.example:8080");
    EXPECT_EQ(plain->host, "shop.example");
    EXPECT_EQ(plain->port, 8080);
    const auto six = split_authority("[2001:db8::1]");
    EXPECT_EQ(six->host, "[2001:db8::1]");
    EXPECT_EQ(six->port, std::nullopt);
    EXPECT_TRUE(six->is_ipv6());
    for (const char* text : {"", ":80", "a:", "a b", "a,b", "u@a", "a/b", "[::1",
                             "[fe80::1%25eth0]", "[v1.x]", "a:80x", "a%00b", "a%0d%0ab", "a%2fb",
                             "a%40b", "a%2cb", "a%zz", "a%2", "[::ffff:1.2.3.4.5]"})
        EXPECT_EQ(split_authority(text), std::nullopt) << text;
}

TEST(authority, e44_is_compared_without_case_dot_and_default_port) {
    EXPECT_TRUE(same_authority("Shop.Example", "shop.example.", 80));
    EXPECT_TRUE(same_authority("shop.example:80", "shop.example", 80));
    EXPECT_FALSE(same_authority("shop.example:80", "shop.example", 443));
    EXPECT_FALSE(same_authority("shop.example:81", "shop.example", 80));
    EXPECT_FALSE(same_authority("shop.example..", "shop.example", 80));
    std::vector<char> out(20);
    EXPECT_EQ(fold_host("Shop.Example.", out), "shop.example");
    EXPECT_EQ(fold_host(".", out), ".");
}

TEST(percent_decoded, decodes_once_and_leaves_what_is_no_escape) {
    std::array<char, 64> room;
    EXPECT_EQ(percent_decoded("plain", room), "plain");
    EXPECT_EQ(percent_decoded("a%2Fb%41", room), "a/bA");
    EXPECT_EQ(percent_decoded("%2541", room), "%41");
    EXPECT_EQ(percent_decoded("%", room), "%");
    EXPECT_EQ(percent_decoded("%4", room), "%4");
    EXPECT_EQ(percent_decoded("%zz%41", room), "%zzA");
    EXPECT_EQ(percent_decoded("", room), "");
}

TEST(take_parameter, takes_the_values_of_one_name_in_order) {
    std::string_view rest = "a=1&b&ab=2&a=3&a&=4&a=5=6";
    EXPECT_EQ(take_parameter("a", '&', rest), "1");
    EXPECT_EQ(take_parameter("a", '&', rest), "3");
    EXPECT_EQ(take_parameter("a", '&', rest), "");
    EXPECT_EQ(take_parameter("a", '&', rest), "5=6");
    EXPECT_EQ(take_parameter("a", '&', rest), std::nullopt);
    EXPECT_EQ(rest, "");
}

TEST(mask_parameter, hides_each_value_of_the_name_and_nothing_else) {
    EXPECT_EQ(mask_parameter("/cart?sid=4711", "sid"), "/cart?sid=*");
    EXPECT_EQ(mask_parameter("/cart?a=b&SID=4711&c=d", "sid"), "/cart?a=b&SID=*&c=d");
    EXPECT_EQ(mask_parameter("/a;sid=1/b;x=y;sid=2?sid=3#sid=4", "sid"),
              "/a;sid=*/b;x=y;sid=*?sid=*#sid=4");
    EXPECT_EQ(mask_parameter("https://x.example/?sid=1", "sid"), "https://x.example/?sid=*");
    EXPECT_EQ(mask_parameter("/?sid=a=b", "sid"), "/?sid=*");
    EXPECT_EQ(mask_parameter("/?sid=", "sid"), "/?sid=*");
    for (const char* other :
         {"", "/", "/sid=1", "/?xsid=1", "/?sid", "/?sidx=1", "/?", "/;", "/?a;"})
        EXPECT_EQ(mask_parameter(other, "sid"), other);
}

}  // namespace
}  // namespace hawser::http
