// SPDX-License-Identifier: Apache-2.0
#include "upstream/response_time.h"

#include <gtest/gtest.h>

#include "upstream/load.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

double in_ms(double nanoseconds) { return nanoseconds / 1e6; }

TEST(response_time, is_nothing_before_the_first_answer) {
    const load shared(2);

    EXPECT_EQ(shared.response_time(start), 0);
}

TEST(response_time, rises_at_once_and_falls_slowly) {
    response_time one;
    one.note(10ms, start);
    one.note(50ms, start + 1s);
    EXPECT_DOUBLE_EQ(in_ms(one.average()), 50);
    one.note(10ms, start + 2s);

    EXPECT_NEAR(in_ms(one.average()), 50 - 40.0 / 11, 0.01) << "by one second's share of eleven";
}

TEST(response_time, comes_down_to_what_is_measured_all_the_time) {
    response_time one;
    one.note(1s, start);
    for (int i = 1; i <= 1000; ++i) one.note(10ms, start + i * 100ms);

    EXPECT_NEAR(in_ms(one.average()), 10, 0.2);
}

TEST(response_time, counts_half_after_a_silence) {
    response_time one;
    one.note(10ms, start);

    EXPECT_DOUBLE_EQ(one.weight(start), 1);
    EXPECT_DOUBLE_EQ(one.weight(start + response_time::memory), 0.5);
    EXPECT_DOUBLE_EQ(one.weight(start - 1s), 1) << "another worker's clock may be behind";
}

TEST(response_time, of_all_workers_is_their_mean_by_how_fresh_each_one_is) {
    load shared(3);
    shared.of_worker(0).response.note(10ms, start);
    shared.of_worker(1).response.note(40ms, start + 10s);

    EXPECT_NEAR(in_ms(shared.response_time(start + 10s)), (10 * 0.5 + 40) / 1.5, 0.01);
    EXPECT_NEAR(in_ms(shared.response_time(start + 20s)),
                (10.0 / 3 + 40 * 0.5) / (1.0 / 3 + 0.5) * 0.5, 0.01)
        << "what nobody has heard of lately counts less";
}

}  // namespace
}  // namespace hawser::upstream
