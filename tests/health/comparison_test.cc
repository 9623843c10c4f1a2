// SPDX-License-Identifier: Apache-2.0
#include "health/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using enum oddity;

constexpr upstream::passive_settings half{.window_requests = 50, .error_percent = 50};
constexpr upstream::passive_settings triple{
    .window_requests = 50, .slowness = 3, .slow_from = 100ms};

constexpr window_counts failing(std::uint64_t failed, std::uint64_t of = 100) {
    return {.outcomes = of, .failed = failed};
}
/// 100 answers that took so long each.
constexpr window_counts taking(std::chrono::microseconds each, std::uint64_t answers = 100) {
    return {.outcomes = answers,
            .answered = answers,
            .answer_time = answers * std::uint64_t(each.count())};
}

std::vector<oddity> judged(std::vector<window_counts> all, const upstream::passive_settings& by) {
    return compare(all, by);
}

TEST(comparison, takes_out_whose_error_rate_is_too_high) {
    EXPECT_THAT(judged({failing(50), failing(30), failing(30)}, half),
                ElementsAre(none, none, none))
        << "not twice the rate of the others";
    EXPECT_THAT(judged({failing(50), failing(1), failing(0)}, half),
                ElementsAre(errors, none, none));
    EXPECT_THAT(judged({failing(49), failing(1), failing(0)}, half), ElementsAre(none, none, none));
}

TEST(comparison, what_is_wrong_with_all_takes_out_none) {
    EXPECT_THAT(judged({failing(100), failing(100), failing(100)}, half),
                ElementsAre(none, none, none));
    EXPECT_THAT(judged({failing(90), failing(70), failing(60)}, half),
                ElementsAre(none, none, none));
}

TEST(comparison, of_two_servers_the_one_that_fails_is_odd) {
    EXPECT_THAT(judged({failing(60), failing(10)}, half), ElementsAre(errors, none));
}

TEST(comparison, a_server_with_few_requests_is_not_judged) {
    EXPECT_THAT(judged({failing(49, 49), failing(0)}, half), ElementsAre(none, none));
    EXPECT_THAT(judged({failing(50, 50), failing(0)}, half), ElementsAre(errors, none));
    EXPECT_THAT(judged({failing(0, 0), failing(0, 0)}, half), ElementsAre(none, none));
}

TEST(comparison, takes_out_who_is_slow_beside_the_median) {
    EXPECT_THAT(judged({taking(50ms), taking(60ms), taking(180ms), taking(70ms)}, triple),
                ElementsAre(none, none, none, none))
        << "the median is 70 ms";
    EXPECT_THAT(judged({taking(50ms), taking(60ms), taking(210ms), taking(70ms)}, triple),
                ElementsAre(none, none, slow, none));
}

TEST(comparison, whoever_is_fast_enough_is_not_slow) {
    EXPECT_THAT(judged({taking(1ms), taking(1ms), taking(99ms)}, triple),
                ElementsAre(none, none, none));
    EXPECT_THAT(judged({taking(1ms), taking(1ms), taking(100ms)}, triple),
                ElementsAre(none, none, slow));
}

TEST(comparison, of_two_nobody_knows_which_one_is_slow) {
    EXPECT_THAT(judged({taking(1ms), taking(10s)}, triple), ElementsAre(none, none));
    EXPECT_THAT(judged({taking(1ms), taking(10s), taking(1ms, 49)}, triple),
                ElementsAre(none, none, none));
}

TEST(comparison, judges_nobody_by_rules_that_are_off) {
    EXPECT_THAT(judged({failing(100), failing(0)}, {}), ElementsAre(none, none));
    EXPECT_THAT(judged({taking(1ms), taking(1ms), taking(10s)}, {}), ElementsAre(none, none, none));
}

}  // namespace
}  // namespace hawser::health
