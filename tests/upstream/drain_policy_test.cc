// SPDX-License-Identifier: Apache-2.0
#include "upstream/drain_policy.h"

#include <gtest/gtest.h>

#include "upstream/leave_terms.h"
#include "upstream/rebalance.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

TEST(drain_policy, tells_sessions_apart_by_what_they_do) {
    EXPECT_EQ(class_of({.idle = 0s}, 1min), session_class::active);
    EXPECT_EQ(class_of({.idle = 59s}, 1min), session_class::active);
    EXPECT_EQ(class_of({.idle = 60s}, 1min), session_class::idle);
    EXPECT_EQ(class_of({.idle = 60s, .is_tentative = true}, 1min), session_class::tentative);
    EXPECT_EQ(class_of({.is_tentative = true, .has_tunnel = true}, 1min), session_class::tunnel);
}

TEST(drain_policy, lets_everybody_finish_but_those_that_may_never_come_back) {
    const drain_policy usual;
    EXPECT_FALSE(usual.lets_go({.idle = 10h}));
    EXPECT_FALSE(usual.lets_go({.has_tunnel = true}));
    EXPECT_FALSE(usual.lets_go({.idle = 59s, .is_tentative = true}));
    EXPECT_TRUE(usual.lets_go({.idle = 60s, .is_tentative = true}));
}

TEST(drain_policy, reads_a_rule_as_it_writes_it) {
    for (const auto* text : {"finish", "move", "cut", "5m", "90s"})
        EXPECT_EQ(text_of(parse_leave_rule(text).value()), text);
    EXPECT_EQ(parse_leave_rule("5m")->idle, 5min);
    EXPECT_TRUE(parse_leave_rule("cut")->cuts);
}

TEST(drain_policy, says_what_a_rule_may_be) {
    for (const auto* text : {"", "stay", "0", "0s", "500ms", "25h", "-1m"})
        EXPECT_FALSE(parse_leave_rule(text).has_value()) << text;
    EXPECT_EQ(parse_leave_rule("stay").error(),
              "`stay` is none of `finish`, `move`, `cut`, nor a time from 1s to 1d");
}

TEST(leave_terms, let_nobody_go_until_they_are_set) {
    const leave_terms terms;
    EXPECT_FALSE(terms.lets_go({.idle = 1000h, .is_tentative = true}));
    EXPECT_FALSE(terms.is_over());
}

TEST(leave_terms, say_what_the_policy_says) {
    drain_policy wanted;
    wanted.of(session_class::idle) = leave_rule::after(5min);
    wanted.of(session_class::tunnel) = leave_rule::move();
    leave_terms terms;
    terms.set(wanted);
    for (const standing& each :
         {standing{.idle = 0s}, standing{.idle = 4min}, standing{.idle = 5min},
          standing{.is_tentative = true}, standing{.idle = 1min, .is_tentative = true},
          standing{.has_tunnel = true}})
        EXPECT_EQ(terms.lets_go(each), wanted.lets_go(each)) << each.idle.count();
}

TEST(leave_terms, let_go_of_whoever_may_move_but_within_a_tunnel) {
    leave_terms terms;
    terms.set(drain_policy());
    for (const bool has_tunnel : {false, true}) {
        const standing free{.has_tunnel = has_tunnel, .may_move = true};
        EXPECT_EQ(terms.lets_go(free), !has_tunnel);
        EXPECT_EQ(drain_policy().lets_go(free), !has_tunnel);
    }
}

TEST(balance_due, takes_those_that_were_idle_or_may_move_and_nobody_valuable) {
    balance_due due;
    EXPECT_FALSE(due.lets_go({.idle = 1h, .may_move = true}));
    due.give(10, 5min);
    EXPECT_TRUE(due.lets_go({.idle = 5min}));
    EXPECT_FALSE(due.lets_go({.idle = 4min}));
    EXPECT_TRUE(due.lets_go({.may_move = true}));
    EXPECT_FALSE(due.lets_go({.has_tunnel = true, .may_move = true}));
    EXPECT_FALSE(due.lets_go({.idle = 1h, .is_valuable = true}));
    EXPECT_FALSE(due.lets_go({.may_move = true, .is_valuable = true}));
}

TEST(leave_terms, let_everybody_go_once_the_drain_is_over_and_nobody_once_it_is_lifted) {
    leave_terms terms;
    terms.set(drain_policy());
    terms.end();
    EXPECT_TRUE(terms.is_over());
    EXPECT_TRUE(terms.lets_go({.has_tunnel = true}));
    terms.clear();
    EXPECT_FALSE(terms.is_over());
    EXPECT_FALSE(terms.lets_go({.idle = 10h}));
}

}  // namespace
}  // namespace hawser::upstream
