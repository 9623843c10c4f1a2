// SPDX-License-Identifier: Apache-2.0
#include "clients/forwarded.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/lines.h"

namespace hawser::clients {
namespace {

using http::field_id;

std::string by_forwarded(std::string_view peer, const std::vector<std::string_view>& values) {
    return client_by_forwarded(ip(peer), lines_of(field_id::forwarded, values), trusted()).text();
}

TEST(forwarded, e134_valid_values) {
    for (const auto* value :
         {"for=192.0.2.43", "For=\"[2001:db8:cafe::17]:4711\"", "for=unknown",
          "for=_hidden, for=_SEVKISEK", "for=192.0.2.60;proto=http;by=203.0.113.43",
          "for=\"_gazonk:_port\"", "proto=https",
          "for=192.0.2.43, for=198.51.100.17;host=\"shop.example:8080\"", ", for=192.0.2.43 ,",
          "for=\"192.0.2.43:80\";ext=\"a\\\"b,c;d\"", "FOR=1.2.3.4;PROTO=HTTPS", "for=1.2.3.4;"})
        EXPECT_TRUE(is_valid_forwarded(value)) << value;
}

TEST(forwarded, e134_invalid_values) {
    for (const auto* value : {"",
                              " ",
                              ",",
                              "for",
                              "for=",
                              "=1.2.3.4",
                              "for 1.2.3.4",
                              "for=1.2.3.4 proto=http",
                              "for=1.2.3.4;for=5.6.7.8",
                              "for=2001:db8::1",
                              "for=[2001:db8::1]",
                              "for=\"[2001:db8::1\"",
                              "for=\"1.2.3.4",
                              "for=999.1.1.1",
                              "for=nobody",
                              "for=\"1.2.3.4\"x",
                              "proto=\"1a\"",
                              "proto=",
                              "for = 1.2.3.4",
                              "for=1.2.3.4:80",
                              "by=nowhere",
                              "for=\"unknown:port\"",
                              "for=_",
                              "h@=x y"})
        EXPECT_FALSE(is_valid_forwarded(value)) << value;
}

TEST(forwarded, e131_a_client_that_is_no_proxy_of_ours_is_itself) {
    EXPECT_EQ(by_forwarded("192.0.2.1", {"for=203.0.113.7"}), "192.0.2.1");
}

TEST(forwarded, e132_is_walked_like_the_list) {
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=198.51.100.9, for=203.0.113.7", "for=10.0.0.2"}),
              "203.0.113.7");
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=10.0.0.4, for=10.0.0.3"}), "10.0.0.4");
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=203.0.113.7, for=unknown, for=10.0.0.2"}), "10.0.0.2");
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=203.0.113.7, proto=http"}), "10.0.0.1");
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=\"[2001:db8::5]:80\", for=10.0.0.2;by=10.0.0.9"}),
              "2001:db8::5");
    EXPECT_EQ(by_forwarded("10.0.0.1", {}), "10.0.0.1");
}

TEST(forwarded, e134_a_malformed_list_says_nothing) {
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=203.0.113.7", "for="}), "10.0.0.1");
    EXPECT_EQ(by_forwarded("10.0.0.1", {"for=203.0.113.7;for=203.0.113.8"}), "10.0.0.1");
}

std::string written(const forwarded_element& what) {
    std::vector<char> room(forwarded_size_max(what));
    return std::string(write_forwarded(what, room));
}

TEST(forwarded, e134_is_written_with_quotes_where_a_value_is_no_token) {
    EXPECT_EQ(written({"192.0.2.1", "shop.example", "https"}),
              "for=192.0.2.1;host=shop.example;proto=https");
    EXPECT_EQ(written({"2001:db8::1", "shop.example:8080", "http"}),
              "for=\"[2001:db8::1]\";host=\"shop.example:8080\";proto=http");
    EXPECT_EQ(written({"", "", "http"}), "for=unknown;proto=http");
    EXPECT_EQ(written({"192.0.2.1", "[2001:db8::1]", "http"}),
              "for=192.0.2.1;host=\"[2001:db8::1]\";proto=http");
}

TEST(forwarded, e134_what_is_written_is_valid) {
    for (const auto* client : {"", "192.0.2.1", "2001:db8::1"})
        for (const auto* host : {"", "shop.example", "shop.example:1", "[::1]:80"})
            EXPECT_TRUE(is_valid_forwarded(written({client, host, "https"})));
}

}  // namespace
}  // namespace hawser::clients
