// SPDX-License-Identifier: Apache-2.0
#include "io/dns_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/name_server.h"

namespace hawser::io {
namespace {

using namespace std::chrono_literals;

std::span<const unsigned char> bytes_of(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string written(const dns_reply& reply, int type) {
    return reply.message("id", dns_reply::name("app.internal") +
                                   dns_reply::number(std::uint32_t(type), 2) +
                                   dns_reply::number(1, 2));
}

TEST(dns_message, holds_addresses_for_as_long_as_the_shortest_of_their_times) {
    dns_reply reply;
    const auto text = written(reply.address("10.0.0.1", 60).address("10.0.0.2", 20), 1);

    const auto read = read_dns_answer(bytes_of(text), dns_type::a);

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->addresses,
              (std::vector{*ip_address::parse("10.0.0.1"), *ip_address::parse("10.0.0.2")}));
    EXPECT_EQ(read->ttl, 20s);
}

TEST(dns_message, holds_addresses_of_ipv6) {
    dns_reply reply;
    const auto text = written(reply.address("2001:db8::1", 5), 28);

    const auto read = read_dns_answer(bytes_of(text), dns_type::aaaa);

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->addresses, std::vector{*ip_address::parse("2001:db8::1")});
    EXPECT_EQ(read->ttl, 5s);
}

TEST(dns_message, holds_services_but_for_those_that_are_said_not_to_be_offered) {
    dns_reply reply;
    const auto text = written(reply.service("a.internal", 8001, 1, 20, 30)
                                  .service("b.internal", 8002, 0, 5, 40)
                                  .service("", 0),
                              33);

    const auto read = read_dns_answer(bytes_of(text), dns_type::srv);

    ASSERT_TRUE(read.has_value());
    EXPECT_THAT(read->services,
                testing::UnorderedElementsAre(dns_service{"a.internal", 8001, 1, 20},
                                              dns_service{"b.internal", 8002, 0, 5}));
    EXPECT_EQ(read->ttl, 30s);
}

TEST(dns_message, denies_for_as_long_as_the_zone_says) {
    auto reply = dns_reply::no_such();
    EXPECT_EQ(read_dns_denial(bytes_of(written(reply.denial(60, 15), 1))).ttl, 15s);

    auto shorter = dns_reply::no_such();
    EXPECT_EQ(read_dns_denial(bytes_of(written(shorter.denial(7, 15), 1))).ttl, 7s);
    EXPECT_EQ(read_dns_denial(bytes_of(written(dns_reply::no_such(), 1))).ttl, std::nullopt);
}

TEST(dns_message, takes_a_time_that_looks_negative_for_none) {
    dns_reply reply;
    const auto text = written(reply.service("a.internal", 1, 0, 0, 0x8000'0000), 33);

    EXPECT_EQ(read_dns_answer(bytes_of(text), dns_type::srv)->ttl, 0s);
}

TEST(dns_message, is_no_answer_when_it_is_cut_anywhere) {
    for (const auto& [type, what] :
         {std::pair(1, dns_type::a), std::pair(28, dns_type::aaaa), std::pair(33, dns_type::srv)}) {
        dns_reply reply;
        reply.address(type == 28 ? "2001:db8::1" : "10.0.0.1").service("a.internal", 1);
        const auto text = written(reply, type);
        for (std::size_t size = 0; size < text.size(); ++size) {
            const auto part = text.substr(0, size);
            const auto read = read_dns_answer(bytes_of(part), what);
            EXPECT_TRUE(!read || read->is_empty()) << size << " bytes of type " << type;
            (void)read_dns_denial(bytes_of(part));
        }
    }
}

}  // namespace
}  // namespace hawser::io
