// SPDX-License-Identifier: Apache-2.0
// What is counted of the way to a server: how long it took to connect, round trips, retransmits.

#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

SIM_TEST(path, is_looked_at_when_a_connection_rests_and_when_it_ends) {
    lab lab(world, {"blue"});
    world.weather_at(lab.server("blue").place).path = {
        .round_trip = 3ms, .segments = 10, .retransmits = 2};
    lab.client.sends("/a", "/b");

    co_await lab.serve();

    const auto& path = lab.path_to("blue");
    EXPECT_EQ(lab.server("blue").connections, 1u);
    EXPECT_EQ(path.connects.value(), 1u);
    EXPECT_GT(path.connect_time.value(), 0u);
    EXPECT_EQ(path.round_trips.value(), 2u) << "the second pause came too soon for another look";
    EXPECT_EQ(path.round_trip_time.value(), 6000u);
    EXPECT_EQ(path.segments.value(), 10u) << "each is counted once";
    EXPECT_EQ(path.retransmits.value(), 2u);
}

SIM_TEST(path, to_a_server_that_swallows_all_is_counted_too) {
    lab lab(world, {"blue"});
    auto& weather = world.weather_at(lab.server("blue").place);
    weather.swallows = true;
    weather.path = {.segments = 4, .retransmits = 3};
    lab.pool.retries = 0;
    lab.client.sends("/");

    co_await lab.serve();

    const auto& path = lab.path_to("blue");
    EXPECT_EQ(path.connects.value(), 0u);
    EXPECT_EQ(path.round_trips.value(), 0u);
    EXPECT_EQ(path.retransmits.value(), 3u) << "the attempts to connect";
}

}  // namespace
}  // namespace hawser::proxy
