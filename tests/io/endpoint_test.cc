// SPDX-License-Identifier: Apache-2.0
#include "io/endpoint.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace hawser::io {
namespace {

std::string read_as(std::string_view text) {
    const auto parsed = endpoint::parse(text);
    return parsed ? parsed->text() : parsed.error().context;
}

std::string listens_as(std::string_view text) {
    const auto parsed = endpoint::parse_listening(text);
    return parsed ? parsed->text() : parsed.error().context;
}

TEST(endpoint, reads_what_it_writes) {
    for (const auto* text : {"10.0.0.1:80", "[2001:db8::1]:8080", "unix:/run/app.sock", "[::]:443",
                             "0.0.0.0:1", "127.0.0.1:65535"})
        EXPECT_EQ(read_as(text), text);
}

TEST(endpoint, knows_its_family_port_and_path) {
    const auto v4 = endpoint::parse("10.0.0.1:80").value();
    EXPECT_EQ(v4.family(), endpoint::kind::v4);
    EXPECT_EQ(v4.domain(), AF_INET);
    EXPECT_EQ(v4.port(), 80);
    EXPECT_EQ(v4.size(), sizeof(sockaddr_in));

    const auto v6 = endpoint::parse("[::1]:80").value();
    EXPECT_EQ(v6.family(), endpoint::kind::v6);
    EXPECT_EQ(v6.domain(), AF_INET6);
    EXPECT_TRUE(v6.ip().is_loopback());

    const auto local = endpoint::parse("unix:/run/a").value();
    EXPECT_EQ(local.family(), endpoint::kind::unix_path);
    EXPECT_EQ(local.domain(), AF_UNIX);
    EXPECT_EQ(local.port(), 0);
    EXPECT_EQ(local.path(), "/run/a");
    EXPECT_TRUE(local.ip().is_none());
}

TEST(endpoint, of_nothing_is_none) {
    EXPECT_EQ(endpoint().family(), endpoint::kind::none);
    EXPECT_EQ(endpoint().domain(), AF_UNSPEC);
    EXPECT_EQ(endpoint().text(), "none");
    EXPECT_EQ(endpoint().path(), "");
}

TEST(endpoint, a_port_alone_listens_on_every_address_of_both_families) {
    const auto any = endpoint::parse_listening(":8080").value();

    EXPECT_EQ(any.family(), endpoint::kind::v6);
    EXPECT_EQ(any.port(), 8080);
    EXPECT_EQ(any.text(), "[::]:8080");
    EXPECT_EQ(listens_as("127.0.0.1:80"), "127.0.0.1:80");
    EXPECT_EQ(listens_as(":0"), "\":0\" has no port between 1 and 65535");
    EXPECT_EQ(listens_as("::80"), "\"::80\": an IPv6 address stands in brackets");
}

TEST(endpoint, says_what_is_wrong_with_a_text) {
    EXPECT_EQ(read_as("10.0.0.1"), "\"10.0.0.1\" has no port");
    EXPECT_EQ(read_as("[::1]"), "\"[::1]\" has no port");
    EXPECT_EQ(read_as(""), "\"\" has no port");
    EXPECT_EQ(read_as("a:"), "\"a:\" has no port between 1 and 65535");
    EXPECT_EQ(read_as("a:0"), "\"a:0\" has no port between 1 and 65535");
    EXPECT_EQ(read_as("a:65536"), "\"a:65536\" has no port between 1 and 65535");
    EXPECT_EQ(read_as("a:8x"), "\"a:8x\" has no port between 1 and 65535");
    EXPECT_EQ(read_as("a:-1"), "\"a:-1\" has no port between 1 and 65535");
    EXPECT_EQ(read_as("::1:80"), "\"::1:80\": an IPv6 address stands in brackets");
    EXPECT_EQ(read_as("localhost:80"), "\"localhost:80\" is not an IP address and a port");
    EXPECT_EQ(read_as("010.0.0.1:80"), "\"010.0.0.1:80\" is not an IP address and a port");
    EXPECT_EQ(read_as("[10.0.0.1]:80"), "\"[10.0.0.1]:80\" is not an IP address and a port");
    EXPECT_EQ(read_as(":80"), "\":80\" is not an IP address and a port");
    EXPECT_EQ(read_as("unix:"), "\"unix:\" needs a path");
    EXPECT_EQ(
        read_as("unix:/" + std::string(107, 'x')),
        "\"/" + std::string(107, 'x') + "\" is longer than a socket's path may be (107 bytes)");
    EXPECT_EQ(read_as(std::string("unix:/a\0b", 9)), "a socket's path holds a NUL");
}

TEST(endpoint, takes_a_path_of_the_greatest_length) {
    const std::string text = "unix:/" + std::string(106, 'x');

    EXPECT_EQ(read_as(text), text);
}

TEST(endpoint, is_made_of_what_the_kernel_fills_in) {
    const auto given = endpoint::parse("[2001:db8::1]:80").value();
    EXPECT_EQ(endpoint::of(given.address(), given.size()), given);

    const auto local = endpoint::parse("unix:/run/a").value();
    EXPECT_EQ(endpoint::of(local.address(), local.size()), local);

    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    const auto peer =
        endpoint::of(reinterpret_cast<const sockaddr*>(&unnamed), sizeof(sa_family_t));
    EXPECT_EQ(peer.text(), "unix:");

    sockaddr odd{};
    odd.sa_family = AF_APPLETALK;
    EXPECT_EQ(endpoint::of(&odd, sizeof odd).family(), endpoint::kind::none);
    EXPECT_EQ(endpoint::of(&odd, 0).family(), endpoint::kind::none);
}

TEST(endpoint, shows_an_ipv4_peer_of_a_dual_stack_listener_as_ipv4) {
    sockaddr_in6 mapped{};
    mapped.sin6_family = AF_INET6;
    mapped.sin6_port = 0x901f;  // 8080 in network order, on a little-endian machine
    const std::uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7};
    std::memcpy(&mapped.sin6_addr, bytes, sizeof bytes);

    const auto peer = endpoint::of(reinterpret_cast<const sockaddr*>(&mapped), sizeof mapped);

    EXPECT_EQ(peer.text(), "192.0.2.7:8080");
    EXPECT_TRUE(peer.ip().is_v4());
    EXPECT_EQ(peer.ip(), endpoint::parse("192.0.2.7:1").value().ip());
}

TEST(endpoint, differs_by_address_port_path_and_family) {
    const auto at = [](std::string_view text) { return endpoint::parse(text).value(); };

    EXPECT_EQ(at("10.0.0.1:80"), at("10.0.0.1:80"));
    EXPECT_NE(at("10.0.0.1:80"), at("10.0.0.1:81"));
    EXPECT_NE(at("10.0.0.1:80"), at("10.0.0.2:80"));
    EXPECT_NE(at("unix:/a"), at("unix:/b"));
    EXPECT_NE(at("0.0.0.0:80"), at("[::]:80"));
    EXPECT_NE(at("10.0.0.1:80"), endpoint());
}

}  // namespace
}  // namespace hawser::io
