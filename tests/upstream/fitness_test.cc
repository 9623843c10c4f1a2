// SPDX-License-Identifier: Apache-2.0
#include "upstream/fitness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/limits.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};
constexpr wall_time some_day{std::chrono::days(20'000)};

TEST(fitness, is_up_at_first) {
    const fitness fresh;

    EXPECT_TRUE(fresh.is_up());
    EXPECT_FALSE(fresh.is_trial_due(start));
    EXPECT_EQ(fresh.came_back(), wall_time());
}

TEST(fitness, is_out_until_its_time_and_then_due_for_trial) {
    fitness one;

    EXPECT_TRUE(one.take_out(start + 10s));

    EXPECT_FALSE(one.is_up());
    EXPECT_EQ(one.out_until(), start + 10s);
    EXPECT_FALSE(one.is_trial_due(start + 10s - 1ns));
    EXPECT_TRUE(one.is_trial_due(start + 10s));
    EXPECT_FALSE(one.is_up());
}

TEST(fitness, is_taken_out_once_however_many_report) {
    fitness one;

    EXPECT_TRUE(one.take_out(start + 10s));
    EXPECT_FALSE(one.take_out(start + 20s));

    EXPECT_EQ(one.out_until(), start + 10s);
}

TEST(fitness, gives_one_trial_at_a_time) {
    fitness one;
    one.take_out(start);

    EXPECT_TRUE(one.take_trial(start));
    EXPECT_FALSE(one.take_trial(start));
    EXPECT_TRUE(one.is_on_trial());
    EXPECT_FALSE(one.is_up());
}

TEST(fitness, gives_another_trial_when_one_never_reports) {
    fitness one;
    one.take_out(start);
    EXPECT_TRUE(one.take_trial(start));

    EXPECT_FALSE(one.take_trial(start + limits::trial_time_max - 1ns));
    EXPECT_TRUE(one.take_trial(start + limits::trial_time_max));
}

TEST(fitness, gives_no_trial_to_a_server_that_is_up) {
    fitness one;

    EXPECT_FALSE(one.take_trial(start));
}

TEST(fitness, goes_out_again_when_its_trial_fails) {
    fitness one;
    one.take_out(start);
    one.take_trial(start);

    EXPECT_TRUE(one.end_trial(start + 20s));

    EXPECT_FALSE(one.is_on_trial());
    EXPECT_EQ(one.out_until(), start + 20s);
    EXPECT_FALSE(one.end_trial(start + 30s)) << "there is no trial any more";
}

TEST(fitness, remembers_when_it_came_back_from_being_gone) {
    fitness one;
    one.take_out(start);

    EXPECT_TRUE(one.bring_back(some_day, true));

    EXPECT_TRUE(one.is_up());
    EXPECT_EQ(one.came_back(), some_day);
    EXPECT_FALSE(one.bring_back(some_day + 1h, true));
    EXPECT_EQ(one.came_back(), some_day);
}

TEST(fitness, forgets_nothing_when_the_server_was_never_gone) {
    fitness one;
    one.take_out(start);

    EXPECT_TRUE(one.bring_back(some_day, false));

    EXPECT_EQ(one.came_back(), wall_time());
}

TEST(fitness, is_down_until_it_is_raised) {
    fitness one;

    EXPECT_TRUE(one.take_down());
    EXPECT_FALSE(one.take_down());

    EXPECT_FALSE(one.is_up());
    EXPECT_TRUE(one.is_down());
    EXPECT_FALSE(one.is_trial_due(start + 24h));
    EXPECT_FALSE(one.take_trial(start + 24h));
    EXPECT_FALSE(one.is_on_trial());
    EXPECT_FALSE(one.take_out(start));
    EXPECT_FALSE(one.end_trial(start));
    EXPECT_FALSE(one.bring_back(some_day, true)) << "traffic does not decide it";
    EXPECT_EQ(one.came_back(), wall_time());
    EXPECT_TRUE(one.raise(some_day, true));
    EXPECT_TRUE(one.is_up());
    EXPECT_EQ(one.came_back(), some_day);
    EXPECT_FALSE(one.raise(some_day + 1h, true));
    EXPECT_EQ(one.came_back(), some_day);
}

TEST(fitness, is_taken_down_whatever_it_was) {
    fitness out;
    out.take_out(start);
    EXPECT_TRUE(out.take_down());
    EXPECT_TRUE(out.is_down());

    fitness on_trial;
    on_trial.take_out(start);
    ASSERT_TRUE(on_trial.take_trial(start));
    EXPECT_TRUE(on_trial.take_down());
    EXPECT_FALSE(on_trial.is_on_trial());
}

TEST(fitness, is_raised_from_out_too) {
    fitness one;
    one.take_out(start);
    EXPECT_TRUE(one.raise(some_day, false));
    EXPECT_TRUE(one.is_up());
}

TEST(fitness, gives_a_trial_to_one_of_many_threads) {
    for (int round = 0; round < 200; ++round) {
        fitness one;
        one.take_out(start);
        std::atomic<int> takers = 0;

        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { takers += one.take_trial(start) ? 1 : 0; });
        threads.clear();

        ASSERT_EQ(takers, 1);
    }
}

}  // namespace
}  // namespace hawser::upstream
