// SPDX-License-Identifier: Apache-2.0
#include "health/standing.h"

#include <gtest/gtest.h>

#include "health/outliers.h"
#include "upstream/yard.h"

namespace hawser::health {
namespace {

using namespace std::chrono_literals;
using change = standing::change;
using upstream::described;
using upstream::failure;
using upstream::yard;

constexpr steady_time start{1h};
constexpr wall_time some_day{std::chrono::days(20'000)};
constexpr instant now{start, some_day};

/// Two servers, of which `a` is checked by 2 and 3.
struct ward {
    bool is_up() { return a.health.is_up(); }
    change passes(int times = 1) {
        change last{};
        for (int i = 0; i < times; ++i) last = checks.passed(a, {.rise = 2, .fall = 3}, some_day);
        return last;
    }
    change fails(int times = 1, bool is_gone = false) {
        change last{};
        for (int i = 0; i < times; ++i) last = checks.failed(a, {.rise = 2, .fall = 3}, is_gone);
        return last;
    }
    void is_out_by_traffic(failure why = failure::status) {
        for (int i = 0; i < 5; ++i) traffic.failed(a, why, now);
        ASSERT_FALSE(a.health.is_up());
        ASSERT_FALSE(a.health.is_down());
    }

    yard yard{described("a"), described("b")};
    upstream::server& a = yard["a"];
    outliers traffic{yard.pool};
    standing checks;
};

TEST(standing, e178_fall_failed_checks_in_a_row_take_a_server_down) {
    ward ward;
    ward.passes();

    EXPECT_EQ(ward.fails(2), change::none);
    EXPECT_TRUE(ward.is_up());
    EXPECT_EQ(ward.fails(), change::went_down);
    EXPECT_TRUE(ward.a.health.is_down());
    EXPECT_EQ(ward.checks.decided_by(), 3u);
}

TEST(standing, what_another_process_has_seen_pass_is_not_taken_down_by_one_failed_check) {
    ward ward;
    ward.a.has_passed_checks = true;
    EXPECT_EQ(ward.fails(2), change::none);
    EXPECT_EQ(ward.fails(), change::went_down);
}

TEST(standing, what_is_checked_anew_has_passed_nothing_yet) {
    ward ward;
    ward.passes();
    ward.checks.forget_checks(ward.a);
    EXPECT_EQ(ward.fails(), change::went_down);
}

TEST(standing, e178_rise_passed_checks_in_a_row_bring_it_up) {
    ward ward;
    ward.fails();
    ASSERT_FALSE(ward.is_up());

    EXPECT_EQ(ward.passes(), change::none);
    EXPECT_EQ(ward.fails(), change::none);
    EXPECT_EQ(ward.passes(), change::none);
    EXPECT_EQ(ward.passes(), change::came_up);
    EXPECT_TRUE(ward.is_up());
}

TEST(standing, e178_a_passed_check_in_between_begins_the_count_anew) {
    ward ward;
    ward.passes();
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(ward.fails(2), change::none);
        EXPECT_EQ(ward.passes(), change::none);
    }
    EXPECT_TRUE(ward.is_up());
}

TEST(standing, a_server_that_has_never_passed_goes_down_by_its_first_failed_check) {
    ward ward;
    EXPECT_TRUE(ward.is_up());
    EXPECT_EQ(ward.fails(), change::went_down);
    EXPECT_EQ(ward.checks.decided_by(), 1u);
}

TEST(standing, is_in_doubt_while_checks_contradict_the_state) {
    ward ward;
    ward.passes();
    EXPECT_FALSE(ward.checks.is_in_doubt());
    ward.fails();
    EXPECT_TRUE(ward.checks.is_in_doubt());
    ward.passes();
    EXPECT_FALSE(ward.checks.is_in_doubt());
    ward.fails(3);
    EXPECT_FALSE(ward.checks.is_in_doubt());
    ward.fails(5);
    EXPECT_FALSE(ward.checks.is_in_doubt());
    ward.passes();
    EXPECT_TRUE(ward.checks.is_in_doubt());
}

TEST(standing, what_checks_took_down_no_request_brings_up) {
    ward ward;
    ward.fails();

    EXPECT_EQ(ward.traffic.succeeded(ward.a, now).what, finding::change::none);
    EXPECT_FALSE(ward.a.health.take_trial(start + 24h));
    EXPECT_EQ(ward.yard.names({.now = start + 24h, .is_repeatable = true}), upstream::names{"b"});
}

TEST(standing, what_traffic_took_out_rise_passed_checks_bring_back) {
    ward ward;
    ward.passes(10);
    ward.is_out_by_traffic();

    EXPECT_EQ(ward.passes(), change::none) << "those of before do not count";
    EXPECT_EQ(ward.passes(), change::came_up);
    EXPECT_TRUE(ward.is_up());
}

TEST(standing, what_traffic_took_out_ends_by_its_time_although_checks_go_on) {
    ward ward;
    ward.is_out_by_traffic();
    ward.passes();

    ASSERT_TRUE(ward.a.health.take_trial(start + 1h));
    EXPECT_EQ(ward.traffic.succeeded(ward.a, {start + 1h, some_day}).what,
              finding::change::came_back);
}

TEST(standing, checks_take_down_what_traffic_took_out) {
    ward ward;
    ward.passes();
    ward.is_out_by_traffic();

    EXPECT_EQ(ward.fails(3), change::went_down);
    EXPECT_FALSE(ward.a.health.take_trial(start + 1h)) << "and no trial is given any more";
}

TEST(standing, e154_a_server_that_was_gone_remembers_when_it_came_back) {
    ward ward;
    ward.passes();
    ward.fails(1);
    ward.fails(1, true);
    ward.fails(1);
    ward.passes(2);

    EXPECT_EQ(ward.a.health.came_back(), some_day);
}

TEST(standing, e154_a_server_that_was_gone_only_while_it_was_down_remembers_it_too) {
    ward ward;
    ward.fails();
    ward.fails(1, true);
    ward.passes(2);

    EXPECT_EQ(ward.a.health.came_back(), some_day);
}

TEST(standing, e154_so_does_one_that_traffic_found_gone) {
    ward ward;
    ward.passes();
    ward.is_out_by_traffic(failure::connect);
    ward.passes(2);

    EXPECT_EQ(ward.a.health.came_back(), some_day);
}

TEST(standing, a_server_that_answered_all_the_time_still_knows_its_sessions) {
    ward ward;
    ward.fails(4);
    ward.passes(2);

    EXPECT_EQ(ward.a.health.came_back(), wall_time());
}

TEST(standing, that_a_server_was_gone_is_told_once) {
    ward ward;
    ward.fails(1, true);
    ward.passes(2);
    const auto later = some_day + 1h;
    for (int i = 0; i < 3; ++i) ward.checks.failed(ward.a, {}, false);
    for (int i = 0; i < 2; ++i) ward.checks.passed(ward.a, {}, later);

    EXPECT_EQ(ward.a.health.came_back(), some_day);
}

TEST(standing, a_server_that_says_it_is_unfit_is_down_until_it_says_otherwise) {
    ward ward;
    EXPECT_EQ(ward.checks.told(ward.a, false, some_day), change::went_down);
    EXPECT_EQ(ward.checks.told(ward.a, false, some_day), change::none);
    EXPECT_TRUE(ward.a.health.is_down());
    EXPECT_EQ(ward.passes(10), change::none) << "checks do not know better";
    EXPECT_FALSE(ward.checks.is_in_doubt());
    EXPECT_EQ(ward.checks.told(ward.a, true, some_day), change::came_up);
    EXPECT_TRUE(ward.is_up());
}

TEST(standing, both_checks_and_agent_must_find_it_fit) {
    ward ward;
    ward.fails();
    EXPECT_EQ(ward.checks.told(ward.a, false, some_day), change::none);
    EXPECT_EQ(ward.checks.told(ward.a, true, some_day), change::none);
    EXPECT_FALSE(ward.is_up());
    EXPECT_EQ(ward.checks.told(ward.a, false, some_day), change::none);
    EXPECT_EQ(ward.passes(2), change::none);
    EXPECT_EQ(ward.checks.told(ward.a, true, some_day), change::came_up);
}

TEST(standing, whoever_is_not_asked_any_more_keeps_nobody_down) {
    ward ward;
    ward.fails();
    ward.checks.told(ward.a, false, some_day);
    ward.checks.forget_checks(ward.a);
    EXPECT_FALSE(ward.is_up());
    ward.checks.forget_agent(ward.a);
    EXPECT_TRUE(ward.is_up());
}

TEST(standing, an_agent_that_says_fit_ends_no_outage_that_traffic_found) {
    ward ward;
    ward.is_out_by_traffic();
    EXPECT_EQ(ward.checks.told(ward.a, true, some_day), change::none);
    EXPECT_FALSE(ward.is_up());
}

}  // namespace
}  // namespace hawser::health
