// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using namespace std::chrono_literals;

SIM_TEST(exchange, goes_to_a_server_and_back) {
    lab lab(world, {"blue"});
    lab.client.sends("/a?b");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue"}));
    EXPECT_THAT(lab.server("blue").heads, SizeIs(1));
    EXPECT_THAT(lab.server("blue").heads.front(), StartsWith("GET /a?b HTTP/1.1\r\n"));
    EXPECT_TRUE(lab.client.closed());
    EXPECT_EQ(lab.in_flight(), 0u);
}

SIM_TEST(exchange, keeps_both_connections_for_the_next_one) {
    lab lab(world, {"blue"});
    lab.client.sends("/1", "/2", "/3");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue", "blue", "blue"}));
    EXPECT_EQ(lab.server("blue").connections, 1u);
}

SIM_TEST(exchange, takes_turns_where_no_session_binds) {
    lab lab(world, {"blue", "green"});
    lab.client.sends("/1", "/2", "/3", "/4");

    co_await lab.serve();

    EXPECT_THAT(lab.server("blue").heads, SizeIs(2));
    EXPECT_THAT(lab.server("green").heads, SizeIs(2));
}

SIM_TEST(exchange, retries_on_another_server_when_one_refuses) {
    lab lab(world, {"blue", "green"});
    lab.refuse("blue");
    lab.client.sends("/a", "/b");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"green", "green"}));
    EXPECT_TRUE(lab.client.closed());
}

SIM_TEST(exchange, answers_an_error_when_every_server_refuses) {
    lab lab(world, {"blue", "green"});
    lab.refuse("blue");
    lab.refuse("green");
    lab.client.sends("/");

    co_await lab.serve();

    EXPECT_THAT(lab.client.received(), SizeIs(1));
    EXPECT_THAT(lab.client.received().front(), StartsWith("50"));
    EXPECT_EQ(lab.in_flight(), 0u);
}

SIM_TEST(exchange, a_post_without_an_answer_is_not_sent_twice) {
    lab lab(world, {"blue", "green"});
    lab.server("blue").hangs_up = true;
    lab.server("green").hangs_up = true;
    lab.client.sends_raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"502"}));
    EXPECT_EQ(lab.server("blue").heads.size() + lab.server("green").heads.size(), 1u);
}

SIM_TEST(exchange, a_server_that_thinks_for_too_long_is_a_504) {
    lab lab(world, {"blue"});
    lab.server("blue").thinks_for = 1h;
    lab.client.sends("/");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"504"}));
    EXPECT_EQ(lab.in_flight(), 0u);
}

SIM_TEST(exchange, an_answer_that_breaks_off_is_a_cut_and_no_complete_answer) {
    lab lab(world, {"blue"});
    lab.server("blue").answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly so much";
    world.weather_at(lab.server("blue").place).reset_after = 50;
    lab.client.sends("/");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"cut"}));
    EXPECT_EQ(lab.in_flight(), 0u);
}

SIM_TEST(exchange, what_is_ambiguous_is_refused_and_reaches_no_server) {
    lab lab(world, {"blue"});
    lab.client.sends_raw(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"400"}));
    EXPECT_THAT(lab.server("blue").heads, SizeIs(0));
}

SIM_TEST(exchange, e58_a_head_that_does_not_end_is_a_408) {
    lab lab(world, {"blue"});
    lab.client.sends_raw("GET / HTTP/1.1\r\nHost: ");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"408"}));
}

}  // namespace
}  // namespace hawser::proxy
