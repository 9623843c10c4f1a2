// SPDX-License-Identifier: Apache-2.0
#include "upstream/path_tally.h"

#include <gtest/gtest.h>

#include "support/sim/sim_test.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr auto* place = "10.0.0.1:80";

SIM_TEST(path_tally, adds_what_is_new_at_each_look) {
    const auto door = world.listen(place);
    auto& path = world.weather_at(place).path;
    const auto stream = world.io().connect(door->local()).value();
    EXPECT_TRUE((co_await stream->connected()).has_value());
    observe::path_counters counted;
    path_tally tally(counted);

    tally.connected(700us);
    path = {.round_trip = 2ms, .segments = 5, .retransmits = 1};
    tally.look(*stream);
    path = {.round_trip = 3ms, .segments = 9, .retransmits = 1};
    tally.look(*stream);

    EXPECT_EQ(counted.connects.value(), 1u);
    EXPECT_EQ(counted.connect_time.value(), 700u);
    EXPECT_EQ(counted.round_trips.value(), 2u);
    EXPECT_EQ(counted.round_trip_time.value(), 5000u);
    EXPECT_EQ(counted.segments.value(), 9u);
    EXPECT_EQ(counted.retransmits.value(), 1u);
}

SIM_TEST(path_tally, counts_no_round_trip_of_a_server_that_has_not_answered) {
    const auto door = world.listen(place);
    world.weather_at(place).path = {.segments = 3, .retransmits = 2};
    const auto stream = world.io().connect(door->local()).value();
    EXPECT_TRUE((co_await stream->connected()).has_value());
    observe::path_counters counted;
    path_tally tally(counted);

    tally.look(*stream);

    EXPECT_EQ(counted.round_trips.value(), 0u);
    EXPECT_EQ(counted.retransmits.value(), 2u);
}

SIM_TEST(path_tally, looks_only_once_in_a_while) {
    const auto door = world.listen(place);
    world.weather_at(place).path = {.round_trip = 1ms};
    const auto stream = world.io().connect(door->local()).value();
    EXPECT_TRUE((co_await stream->connected()).has_value());
    observe::path_counters counted;
    path_tally tally(counted);
    const auto now = world.io().clock().steady;

    tally.look_at_times(*stream, now);
    tally.look_at_times(*stream, now + path_tally::interval - 1ms);
    EXPECT_EQ(counted.round_trips.value(), 1u);
    tally.look_at_times(*stream, now + path_tally::interval);
    EXPECT_EQ(counted.round_trips.value(), 2u);
}

}  // namespace
}  // namespace hawser::upstream
