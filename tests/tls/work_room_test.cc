// SPDX-License-Identifier: Apache-2.0
#include "tls/work_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <ranges>
#include <vector>

#include "async/sleep.h"
#include "support/sim/sim_test.h"

namespace hawser::tls {
namespace {

using namespace std::chrono_literals;

struct taker final : turn_taker {
    explicit taker(const char* source = "192.0.2.1")
        : turn_taker(io::ip_address::parse(source).value()) {}
    void take_turn() noexcept override { called_in = loop::current().turn(); }
    std::uint64_t called_in = 0;
};

SIM_TEST(work_room, e125_few_handshakes_are_worked_on_in_a_turn_and_nobody_is_overtaken) {
    work_room room;
    std::deque<taker> crowd(10);
    std::vector<taker*> refused;
    for (auto& each : crowd) {
        if (room.may_shake_hands(each))
            room.has_shaken_hands();
        else
            refused.push_back(&each);
    }
    EXPECT_EQ(refused.size(), crowd.size() - limits::handshakes_per_turn_max);
    co_await sleep_for(1ms);

    std::uint64_t before = 0;
    for (std::size_t i = 0; i < refused.size(); ++i) {
        EXPECT_NE(refused[i]->called_in, 0u);
        EXPECT_GE(refused[i]->called_in, before);
        if (i >= limits::handshakes_per_turn_max)
            EXPECT_GT(refused[i]->called_in,
                      refused[i - limits::handshakes_per_turn_max]->called_in);
        before = refused[i]->called_in;
        EXPECT_TRUE(room.may_shake_hands(*refused[i]));
    }
}

SIM_TEST(work_room, e125_a_crowd_of_one_source_waits_behind_itself) {
    work_room room;
    std::deque<taker> crowd(100);
    for (auto& each : crowd)
        if (room.may_shake_hands(each)) room.has_shaken_hands();
    taker other("192.0.2.2");
    EXPECT_FALSE(room.may_shake_hands(other));
    co_await sleep_for(1ms);

    const auto before = std::ranges::count_if(crowd, [&](const taker& each) {
        return each.called_in != 0 && each.called_in <= other.called_in;
    });
    EXPECT_NE(other.called_in, 0u);
    EXPECT_LE(before, limits::handshakes_per_turn_max);
    EXPECT_TRUE(std::ranges::all_of(crowd | std::views::drop(limits::handshakes_per_turn_max),
                                    [](const taker& each) { return each.called_in != 0; }));
}

SIM_TEST(work_room, who_has_left_is_not_called) {
    work_room room;
    for (unsigned i = 0; i < limits::handshakes_per_turn_max; ++i) room.has_shaken_hands();
    taker stays;
    taker leaves;
    (void)room.may_shake_hands(stays);  // a new turn begins to count
    for (unsigned i = 0; i < limits::handshakes_per_turn_max; ++i) room.has_shaken_hands();
    EXPECT_FALSE(room.may_shake_hands(leaves));
    EXPECT_FALSE(room.may_shake_hands(stays));
    room.forget(leaves);
    co_await sleep_for(1ms);
    EXPECT_EQ(leaves.called_in, 0u);
    EXPECT_NE(stays.called_in, 0u);
}

}  // namespace
}  // namespace hawser::tls
