// SPDX-License-Identifier: Apache-2.0
// Bodies of requests that come slowly, not at all, or too late.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::SizeIs;

using namespace std::chrono_literals;

/// A POST of `size` bytes whose body comes in pieces of `piece` bytes.
std::vector<std::string> post_in_pieces(std::size_t size, std::size_t piece) {
    std::vector<std::string> pieces{
        "POST /order HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + std::to_string(size) +
        "\r\n\r\n"};
    for (std::size_t sent = 0; sent < size; sent += piece)
        pieces.emplace_back(std::min(piece, size - sent), 'x');
    return pieces;
}

SIM_TEST(upload, e60_slower_than_the_least_rate_is_a_408_and_never_whole) {
    lab lab(world, {"blue"});
    lab.client.sends_slowly(post_in_pieces(100'000, 50), 1s);

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"408"}));
    EXPECT_EQ(lab.endings()["body-rate"], 1u);
    EXPECT_THAT(lab.requests(), SizeIs(1));
    EXPECT_FALSE(lab.requests().front().is_whole);
    // It had ten seconds before anybody looked at its rate.
    EXPECT_GE(lab.requests().front().body.size(), 400u);
    EXPECT_LE(lab.requests().front().body.size(), 1000u);
    lab.expect_nothing_left();
}

SIM_TEST(upload, e60_slow_and_steady_above_the_least_rate_is_left_alone) {
    lab lab(world, {"blue"});
    lab.client.sends_slowly(post_in_pieces(60'000, 200), 1s);

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue"}));
    EXPECT_TRUE(lab.requests().front().is_whole);
    EXPECT_THAT(lab.requests().front().body, SizeIs(60'000));
}

SIM_TEST(upload, e60_that_stalls_for_a_minute_is_a_408) {
    lab lab(world, {"blue"});
    lab.client.sends_slowly(post_in_pieces(100'000, 50'000), 61s);
    const auto began = world.io().clock().steady;

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"408"}));
    EXPECT_EQ(lab.endings()["body-timeout"], 1u);
    EXPECT_FALSE(lab.requests().front().is_whole);
    EXPECT_LT(world.io().clock().steady - began, 70s);
    lab.expect_nothing_left();
}

SIM_TEST(upload, e74_an_answer_that_comes_early_is_passed_on_at_once) {
    lab lab(world, {"blue"});
    lab.server("blue").answers_early = true;
    lab.server("blue").answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    lab.client.sends_slowly(post_in_pieces(100'000, 1'000), 1s);
    const auto began = world.io().clock().steady;

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"403"}));
    EXPECT_FALSE(lab.requests().front().is_whole);
    // The body had a second to end; it would have taken a hundred.
    EXPECT_LT(world.io().clock().steady - began, 10s);
    lab.expect_nothing_left();
}

SIM_TEST(upload, e74_a_client_that_wants_no_more_can_read_an_early_answer) {
    lab lab(world, {"blue"});
    lab.server("blue").answers_early = true;
    auto pieces = post_in_pieces(60'000, 6'000);
    pieces.front().insert(pieces.front().size() - 2, "Connection: close\r\n");
    lab.client.sends_slowly(pieces, 1ms);

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue"}));
    lab.expect_nothing_left();
}

SIM_TEST(upload, e74_the_servers_connection_of_an_early_answer_is_not_used_again) {
    lab lab(world, {"blue"});
    lab.server("blue").answers_early = true;
    lab.client.sends_slowly(post_in_pieces(20'000, 10'000), 100ms);
    lab.client.sends("/after");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received().front(), "blue");
    if (lab.client.received().size() > 1) {
        EXPECT_EQ(lab.client.received(), (answers{"blue", "blue"}));
        EXPECT_EQ(lab.server("blue").connections, 2u);
    }
    lab.expect_nothing_left();
}

SIM_TEST(upload, e19_a_client_that_ends_within_its_body_leaves_no_whole_request) {
    lab lab(world, {"blue"});
    lab.client.sends_raw(
        "POST /order HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 10\r\n\r\nonly");
    lab.client.gives_up = true;

    co_await lab.serve();

    for (const auto& each : lab.requests()) EXPECT_FALSE(each.is_whole);
    lab.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
