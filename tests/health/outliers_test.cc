// SPDX-License-Identifier: Apache-2.0
#include "health/outliers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "upstream/yard.h"

namespace hawser::health {
namespace {

using namespace std::chrono_literals;
using upstream::described;
using upstream::failure;
using upstream::yard;
using change = finding::change;

constexpr steady_time start{1h};

/// The moment `later` than the start, on both clocks.
constexpr instant at(std::chrono::milliseconds later) {
    return {start + later, wall_time(std::chrono::days(20'000)) + later};
}

/// Three servers, the rules over them, and reports by name.
struct ward {
    explicit ward(upstream::passive_settings rules = {})
        : yard({described("a"), described("b"), described("c")}, {.passive = rules}, 2) {}

    finding fails(std::string_view who, failure why, instant now, int times = 1) {
        finding last;
        for (int i = 0; i < times; ++i) last = rules.failed(yard[who], why, now);
        return last;
    }
    finding succeeds(std::string_view who, instant now) { return rules.succeeded(yard[who], now); }
    /// A request that may be sent again finds the trial of `who` due, and takes it.
    bool tries(std::string_view who, instant now) {
        return yard.names({.now = now.steady, .is_repeatable = true}) ==
               upstream::names{std::string(who)};
    }
    bool is_up(std::string_view who) { return yard[who].health.is_up(); }

    yard yard;
    outliers rules{yard.pool};
};

TEST(outliers, e177_three_failed_connects_in_a_row_take_a_server_out_for_ten_seconds) {
    ward ward;

    EXPECT_EQ(ward.fails("a", failure::connect, at(0s), 2).what, change::none);
    EXPECT_TRUE(ward.is_up("a"));

    const auto third = ward.fails("a", failure::connect, at(0s));
    EXPECT_EQ(third.what, change::went_out);
    EXPECT_EQ(third.why, failure::connect);
    EXPECT_EQ(third.lasting, 10s);
    EXPECT_FALSE(ward.is_up("a"));
    EXPECT_FALSE(ward.tries("a", at(10s - 1ms)));
    EXPECT_TRUE(ward.tries("a", at(10s)));
}

TEST(outliers, five_failed_answers_in_a_row_take_a_server_out) {
    for (const auto why : {failure::status, failure::no_answer, failure::timed_out, failure::cut}) {
        ward ward;
        EXPECT_EQ(ward.fails("a", why, at(0s), 4).what, change::none);
        EXPECT_EQ(ward.fails("a", why, at(0s)).what, change::went_out);
    }
}

TEST(outliers, a_success_in_between_begins_the_count_anew) {
    ward ward;
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(ward.fails("a", failure::connect, at(0s), 2).what, change::none);
        EXPECT_EQ(ward.fails("a", failure::status, at(0s), 4).what, change::none);
        EXPECT_EQ(ward.succeeds("a", at(0s)).what, change::none);
    }
    EXPECT_TRUE(ward.is_up("a"));
}

TEST(outliers, a_failed_answer_shows_that_somebody_is_there) {
    ward ward;

    ward.fails("a", failure::connect, at(0s), 2);
    ward.fails("a", failure::status, at(0s));
    EXPECT_EQ(ward.fails("a", failure::connect, at(0s), 2).what, change::none);
    EXPECT_TRUE(ward.is_up("a"));
}

TEST(outliers, e177_one_server_that_fails_changes_nothing_for_the_others) {
    ward ward;

    ward.fails("a", failure::connect, at(0s), 3);

    EXPECT_TRUE(ward.is_up("b"));
    EXPECT_TRUE(ward.is_up("c"));
    EXPECT_EQ(ward.yard.names({.now = start}), (upstream::names{"b", "c"}));
}

TEST(outliers, of_many_failures_at_once_one_decides) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);

    EXPECT_EQ(ward.fails("a", failure::connect, at(0s), 100).what, change::none);
    EXPECT_TRUE(ward.tries("a", at(10s))) << "and it is out no longer for it";
}

TEST(outliers, e73_failed_connects_may_take_out_every_server) {
    ward ward;
    for (const auto* who : {"a", "b", "c"}) ward.fails(who, failure::connect, at(0s), 3);

    EXPECT_EQ(ward.yard.names({.now = start, .is_repeatable = true}), upstream::names{});
}

TEST(outliers, failed_answers_take_out_at_most_half_of_a_pool) {
    ward ward;
    EXPECT_EQ(ward.fails("a", failure::status, at(0s), 5).what, change::went_out);

    EXPECT_EQ(ward.fails("b", failure::status, at(0s), 50).what, change::none);
    EXPECT_EQ(ward.fails("c", failure::timed_out, at(0s), 50).what, change::none);
    EXPECT_TRUE(ward.is_up("b"));
    EXPECT_TRUE(ward.is_up("c"));
}

TEST(outliers, failed_answers_never_take_out_the_only_server) {
    yard alone{described("a"), described("b")};
    alone["b"].set_state(upstream::admin_state::maintenance);
    const outliers rules(alone.pool);

    for (int i = 0; i < 100; ++i) rules.failed(alone["a"], failure::status, at(0s));

    EXPECT_TRUE(alone["a"].health.is_up());
}

TEST(outliers, one_server_may_always_be_out_where_there_are_others) {
    ward ward({.out_percent = 0});

    EXPECT_EQ(ward.fails("a", failure::status, at(0s), 5).what, change::went_out);
    EXPECT_EQ(ward.fails("b", failure::status, at(0s), 50).what, change::none);
}

TEST(outliers, so_much_of_a_pool_may_be_out_as_was_said) {
    ward ward({.out_percent = 67});

    EXPECT_EQ(ward.fails("a", failure::status, at(0s), 5).what, change::went_out);
    EXPECT_EQ(ward.fails("b", failure::status, at(0s), 5).what, change::went_out);
    EXPECT_EQ(ward.fails("c", failure::status, at(0s), 50).what, change::none);
}

TEST(outliers, whoever_stood_out_is_out_as_for_failed_answers) {
    ward ward;

    const auto found = ward.rules.stood_out(ward.yard["a"], at(0s));
    EXPECT_EQ(found.what, change::went_out);
    EXPECT_EQ(found.lasting, 10s);
    EXPECT_FALSE(ward.is_up("a"));
    EXPECT_EQ(ward.rules.stood_out(ward.yard["a"], at(0s)).what, change::none);
    EXPECT_EQ(ward.rules.stood_out(ward.yard["b"], at(0s)).what, change::none) << "half is left";

    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.succeeds("a", at(10s));
    EXPECT_EQ(ward.rules.stood_out(ward.yard["a"], at(11s)).lasting, 20s);
    EXPECT_EQ(ward.yard["a"].health.came_back(), wall_time()) << "it was never gone";
}

TEST(outliers, e177_a_trial_that_succeeds_brings_the_server_back) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);
    ASSERT_TRUE(ward.tries("a", at(10s)));

    EXPECT_EQ(ward.succeeds("a", at(10s)).what, change::came_back);

    EXPECT_TRUE(ward.is_up("a"));
    EXPECT_EQ(ward.fails("a", failure::connect, at(10s), 2).what, change::none)
        << "the count began anew";
}

TEST(outliers, a_trial_that_fails_doubles_the_time_up_to_five_minutes) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);
    auto now = at(10s);
    for (const auto lasting : {20s, 40s, 80s, 160s, 300s, 300s, 300s}) {
        ASSERT_TRUE(ward.tries("a", now));
        const auto failed = ward.fails("a", failure::connect, now);
        EXPECT_EQ(failed.what, change::stays_out);
        EXPECT_EQ(failed.lasting, lasting);
        now = {now.steady + lasting, now.wall + lasting};
    }
}

TEST(outliers, an_outage_soon_after_the_last_one_lasts_twice_as_long) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);
    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.succeeds("a", at(10s));

    EXPECT_EQ(ward.fails("a", failure::connect, at(11s), 3).lasting, 20s);
}

TEST(outliers, an_outage_after_five_good_minutes_is_a_first_one) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);
    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.succeeds("a", at(10s));

    EXPECT_EQ(ward.fails("a", failure::connect, at(10s + 5min + 1ms), 3).lasting, 10s);
}

TEST(outliers, an_answer_to_a_request_of_before_does_not_end_an_outage) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);

    EXPECT_EQ(ward.succeeds("a", at(1s)).what, change::none);
    EXPECT_FALSE(ward.is_up("a"));
}

TEST(outliers, e177_a_server_that_was_gone_remembers_when_it_came_back) {
    ward ward;
    ward.fails("a", failure::connect, at(0s), 3);
    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.succeeds("a", at(11s));

    EXPECT_EQ(ward.yard["a"].health.came_back(), at(11s).wall);
}

TEST(outliers, a_server_that_was_only_unwell_still_knows_its_sessions) {
    ward ward;
    ward.fails("a", failure::status, at(0s), 5);
    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.succeeds("a", at(11s));

    EXPECT_TRUE(ward.is_up("a"));
    EXPECT_EQ(ward.yard["a"].health.came_back(), wall_time());
}

TEST(outliers, a_server_that_was_found_gone_in_its_trial_was_gone) {
    ward ward;
    ward.fails("a", failure::status, at(0s), 5);
    ASSERT_TRUE(ward.tries("a", at(10s)));
    ward.fails("a", failure::connect, at(10s));
    ASSERT_TRUE(ward.tries("a", at(30s)));
    ward.succeeds("a", at(30s));

    EXPECT_EQ(ward.yard["a"].health.came_back(), at(30s).wall);
}

TEST(outliers, take_nobody_out_where_passive_health_is_off) {
    ward ward({.is_on = false});

    ward.fails("a", failure::connect, at(0s), 100);
    ward.fails("a", failure::status, at(0s), 100);

    EXPECT_TRUE(ward.is_up("a"));
}

TEST(outliers, follow_their_settings) {
    ward ward({.connect_failures = 1, .answer_failures = 2, .base = 3s, .maximum = 5s});

    EXPECT_EQ(ward.fails("a", failure::connect, at(0s)).lasting, 3s);
    ASSERT_TRUE(ward.tries("a", at(3s)));
    EXPECT_EQ(ward.fails("a", failure::status, at(3s)).lasting, 5s);
    EXPECT_EQ(ward.fails("b", failure::status, at(3s), 2).what, change::none) << "half are left";
}

TEST(outliers, know_that_501_and_505_speak_of_the_request) {
    EXPECT_TRUE(is_unwell(500));
    EXPECT_FALSE(is_unwell(501));
    EXPECT_TRUE(is_unwell(502));
    EXPECT_TRUE(is_unwell(503));
    EXPECT_TRUE(is_unwell(504));
    EXPECT_FALSE(is_unwell(505));
    EXPECT_TRUE(is_unwell(599));
    EXPECT_FALSE(is_unwell(499));
    EXPECT_FALSE(is_unwell(600));
    EXPECT_FALSE(is_unwell(200));
}

TEST(outliers, workers_that_report_at_once_agree_on_one_outage) {
    for (int round = 0; round < 100; ++round) {
        ward ward;
        std::atomic<int> decisions = 0;
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i)
            workers.emplace_back([&] {
                for (int n = 0; n < 20; ++n)
                    if (ward.fails("a", failure::connect, at(0s)).what == change::went_out)
                        ++decisions;
            });
        workers.clear();

        ASSERT_EQ(decisions, 1);
        ASSERT_EQ(ward.yard["a"].health.out_until(), start + 10s);
    }
}

TEST(outliers, workers_that_judge_different_servers_at_once_leave_half_of_the_pool) {
    for (int round = 0; round < 200; ++round) {
        ward ward;
        std::vector<std::jthread> workers;
        for (const auto* who : {"a", "b", "c"})
            workers.emplace_back([&ward, who] { ward.fails(who, failure::status, at(0s), 5); });
        workers.clear();

        ASSERT_GE(ward.yard.pool.count_usable(), 2u);
    }
}

TEST(finding, has_the_name_that_logs_show) {
    EXPECT_EQ(name_of(change::none), "none");
    EXPECT_EQ(name_of(change::went_out), "went-out");
    EXPECT_EQ(name_of(change::stays_out), "stays-out");
    EXPECT_EQ(name_of(change::came_back), "came-back");
}

}  // namespace
}  // namespace hawser::health
