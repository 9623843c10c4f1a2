// SPDX-License-Identifier: Apache-2.0
#include "io/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "io/ground.h"

namespace hawser::io {
namespace {

using testing::HasSubstr;

source from(std::string_view address, std::uint16_t first = 0, std::uint16_t last = 0) {
    return {.address = ip_address::parse(address).value(), .first_port = first, .last_port = last};
}

TEST(source, is_written_as_people_know_it) {
    EXPECT_EQ(from("10.0.0.5").text(), "10.0.0.5");
    EXPECT_EQ(from("10.0.0.5", 1, 2).text(), "10.0.0.5:1-2");
    EXPECT_EQ(from("2001:db8::5", 1, 2).text(), "[2001:db8::5]:1-2");
    EXPECT_EQ((source{.is_foreign = true}).text(), "client");
}

TEST(source, of_another_machine_is_told_before_it_is_used) {
    EXPECT_TRUE(check_source({}).has_value());
    EXPECT_TRUE(check_source(from("127.0.0.5")).has_value());
    const auto wrong = check_source(from("192.0.2.55"));
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, errc::invalid);
    EXPECT_THAT(wrong.error().context, HasSubstr("192.0.2.55 is no address of this machine"));
}

TEST(source, takes_the_ports_of_its_range_in_turn) {
    const source some = from("127.0.0.5", 100, 102);
    const auto first = next_port(some);
    const auto second = next_port(some);
    EXPECT_EQ(second, first == 102 ? 100 : first + 1);
    EXPECT_EQ(next_port(from("127.0.0.5")), 0);
}

TEST(source, is_where_a_connection_begins) {
    keep_on_epoll([](ground& here) -> task<> {
        const source some = from("127.0.0.9", 23'000, 23'003);
        const auto client = here.on().io().connect(here.address(), some).value();
        EXPECT_TRUE((co_await client->connected()).has_value());
        const auto server = (co_await here.door().accept()).value();
        EXPECT_EQ(server->peer().ip().text(), "127.0.0.9");
        EXPECT_GE(server->peer().port(), 23'000);
        EXPECT_LE(server->peer().port(), 23'003);
        EXPECT_EQ(client->local(), server->peer());
        client->reset_on_close();
    });
}

TEST(source, has_as_many_connections_to_one_place_as_ports) {
    keep_on_epoll([](ground& here) -> task<> {
        const source some = from("127.0.0.9", 23'010, 23'013);
        std::vector<std::unique_ptr<stream>> held;
        for (int i = 0; i < 4; ++i) {
            held.push_back(here.on().io().connect(here.address(), some).value());
            held.back()->reset_on_close();
            EXPECT_TRUE((co_await held.back()->connected()).has_value());
        }
        const auto beyond = here.on().io().connect(here.address(), some);
        EXPECT_FALSE(beyond.has_value());
        if (beyond) co_return;
        EXPECT_EQ(beyond.error().code, errc::exhausted);
        EXPECT_EQ(beyond.error().context, "no port of 127.0.0.9:23010-23013 is free");
        EXPECT_TRUE(beyond.error().safe_to_retry);
    });
}

}  // namespace
}  // namespace hawser::io
