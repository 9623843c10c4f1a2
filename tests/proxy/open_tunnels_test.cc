// SPDX-License-Identifier: Apache-2.0
#include "proxy/open_tunnels.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "async/sleep.h"
#include "support/sim/sim_test.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

constexpr goodbye bye{"bye", {1008, "bye"}};
constexpr goodbye later{"later", {1012, "later"}};

tunnel_owner owner(std::uint8_t number) {
    return {.pool = pool_id(1), .session = {.bytes = {number}}};
}

struct open_tunnel {
    open_tunnel(open_tunnels& among, std::uint8_t number) : in(among, owner(number), leaves) {}

    stop_source due;
    leaver leaves{due};
    open_tunnels::entry in;
};

SIM_TEST(open_tunnels, those_of_a_session_go_and_no_others) {
    open_tunnels all;
    open_tunnel first(all, 1);
    open_tunnel second(all, 1);
    open_tunnel other(all, 2);
    open_tunnels elsewhere;
    open_tunnel there(elsewhere, 1);
    all.part(std::array{owner(1), owner(3)}, bye);
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    EXPECT_EQ(first.leaves.said(), &bye);
    EXPECT_EQ(second.leaves.said(), &bye);
    EXPECT_EQ(other.leaves.said(), nullptr);
    EXPECT_EQ(there.leaves.said(), nullptr);
}

SIM_TEST(open_tunnels, each_goes_at_a_moment_of_its_own) {
    open_tunnels all;
    std::deque<open_tunnel> many;
    for (int i = 0; i < 10; ++i) many.emplace_back(all, 1);
    all.part(std::array{owner(1)}, bye);
    EXPECT_TRUE((co_await sleep_for(limits::farewell_gap / 2)).has_value());
    for (std::ptrdiff_t gone = 1; gone <= 10; ++gone) {
        EXPECT_EQ(std::ranges::count_if(many, [](auto& each) { return each.due.is_stopped(); }),
                  gone);
        EXPECT_TRUE((co_await sleep_for(limits::farewell_gap)).has_value());
    }
}

SIM_TEST(open_tunnels, one_that_must_go_already_goes_as_it_was_told) {
    open_tunnels all;
    open_tunnel one(all, 1);
    one.leaves.go_at(bye, loop::current().now().steady + 1s);
    all.part(std::array{owner(1)}, later);
    EXPECT_TRUE((co_await sleep_for(500ms)).has_value());
    EXPECT_EQ(one.leaves.said(), nullptr);
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    EXPECT_EQ(one.leaves.said(), &bye);
}

SIM_TEST(open_tunnels, an_end_does_not_wait_for_many_that_move) {
    open_tunnels all;
    std::deque<open_tunnel> many;
    for (int i = 0; i < 1000; ++i) many.emplace_back(all, 1);
    open_tunnel ended(all, 2);
    all.part(std::array{owner(1)}, later);
    all.part(std::array{owner(2)}, bye);
    EXPECT_TRUE((co_await sleep_for(limits::farewell_gap / 2)).has_value());
    EXPECT_EQ(ended.leaves.said(), &bye);
    EXPECT_EQ(many.back().leaves.said(), nullptr);
}

SIM_TEST(open_tunnels, those_that_were_called_before_take_no_time) {
    open_tunnels all;
    std::deque<open_tunnel> many;
    for (int i = 0; i < 1000; ++i) many.emplace_back(all, 1);
    open_tunnel one(all, 2);
    for (int i = 0; i < 10; ++i) all.part(std::array{owner(1)}, bye);
    all.part(std::array{owner(2)}, bye);
    EXPECT_TRUE((co_await sleep_for(1001 * limits::farewell_gap)).has_value());
    EXPECT_EQ(one.leaves.said(), &bye);
}

SIM_TEST(open_tunnels, one_that_has_ended_is_none) {
    open_tunnels all;
    {
        const open_tunnel one(all, 1);
    }
    all.part(std::array{owner(1)}, bye);
    co_return;
}

}  // namespace
}  // namespace hawser::proxy
