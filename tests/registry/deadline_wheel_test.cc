// SPDX-License-Identifier: Apache-2.0
#include "registry/deadline_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace hawser::registry {
namespace {

struct wheel_lab {
    explicit wheel_lab(tick begin) : now(begin), wheel(all, begin) {}

    record_number file(tick_span ahead) {
        const record_number number = all.acquire();
        deadlines[number] = now + ahead;
        wheel.file(number, deadlines[number]);
        return number;
    }

    /// Lets time pass, and returns who came due, each filed anew until it really was.
    std::vector<record_number> turn(tick_span ahead) {
        now = now + ahead;
        std::vector<record_number> due;
        for (;;) {
            const auto next = wheel.first();
            if (next.number == 0 || between(next.begins, now) < 0) break;
            wheel.turn_to(next.begins);
            wheel.unfile(next.number);
            if (between(deadlines[next.number], now) >= 0)
                due.push_back(next.number);
            else
                wheel.file(next.number, deadlines[next.number]);
        }
        wheel.turn_to(now);
        return due;
    }

    tick now;
    std::unique_ptr<arena> space = *arena::reserve(std::size_t{1} << 28);
    entries all{*space, record_number_max};
    deadline_wheel wheel;
    std::map<record_number, tick> deadlines;
};

TEST(deadline_wheel, each_comes_due_at_its_very_tick) {
    for (const tick_span ahead : {1, 63, 64, 65, 127, 128, 4095, 4096, 4097, 300'000, 9'000'000}) {
        wheel_lab lab(tick{12'345});
        const auto number = lab.file(ahead);
        EXPECT_TRUE(lab.turn(ahead - 1).empty()) << ahead;
        EXPECT_EQ(lab.turn(1), std::vector{number}) << ahead;
    }
}

TEST(deadline_wheel, what_is_past_comes_due_at_once) {
    wheel_lab lab(tick{1000});
    const auto number = lab.file(-500);
    EXPECT_EQ(lab.wheel.first().number, number);
    EXPECT_EQ(lab.turn(0), std::vector{number});
}

TEST(deadline_wheel, within_a_bucket_the_first_filed_is_the_first_out) {
    wheel_lab lab(tick{0});
    const auto one = lab.file(200);
    const auto two = lab.file(200);
    EXPECT_EQ(lab.wheel.first().number, one);
    EXPECT_EQ(lab.wheel.next_in_bucket(one), two);
    EXPECT_EQ(lab.wheel.next_in_bucket(two), 0u);
    lab.wheel.unfile(one);
    EXPECT_EQ(lab.wheel.first().number, two);
}

TEST(deadline_wheel, a_bucket_of_a_coarser_wheel_may_begin_first) {
    wheel_lab lab(tick{60});
    const auto far = lab.file(66);   // tick 126: in the second wheel, whose bucket begins at 64
    const auto near = lab.file(40);  // tick 100: in the first
    EXPECT_EQ(lab.wheel.first().number, far);
    EXPECT_EQ(lab.turn(40), std::vector{near});
    EXPECT_EQ(lab.turn(26), std::vector{far});
}

TEST(deadline_wheel, random_deadlines_come_due_exactly_also_across_the_wrap) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        wheel_lab lab(tick{0xffff'ffffu - 20'000u});
        std::map<record_number, tick> waiting;
        for (int step = 0; step < 3000; ++step) {
            const auto ahead = static_cast<tick_span>(random() % (1u << (random() % 20)));
            const auto number = lab.file(ahead);
            waiting[number] = lab.deadlines[number];
            for (const auto due : lab.turn(static_cast<tick_span>(random() % 40))) {
                ASSERT_EQ(waiting.count(due), 1u);
                waiting.erase(due);
            }
            for (const auto& [other, deadline] : waiting)
                ASSERT_GT(between(lab.now, deadline), 0) << other;
        }
        EXPECT_EQ(lab.wheel.verify([](record_number) {}), waiting.size());
    }
}

}  // namespace
}  // namespace hawser::registry
