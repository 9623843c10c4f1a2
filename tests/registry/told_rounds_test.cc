// SPDX-License-Identifier: Apache-2.0
#include "registry/told_rounds.h"

#include <gtest/gtest.h>

namespace hawser::registry {
namespace {

/// What one process tells, and the other one answers.
struct two {
    /// A round of `here`, as far as `there` is asked about it.
    bool tell() {
        const auto round = here.begin();
        if (!here.is_due(round)) return false;
        there.owe_answer(round);
        return true;
    }
    void answer() {
        if (const auto known = there.take_due_answer()) EXPECT_TRUE(here.hear(*known));
    }

    told_rounds here;
    told_rounds there;
};

TEST(told_rounds, nobody_waits_while_no_other_process_hears) {
    told_rounds alone;
    EXPECT_EQ(alone.await(), 0U);
    EXPECT_TRUE(alone.is_known(0));
}

TEST(told_rounds, a_change_is_known_once_the_next_round_is) {
    two both;
    both.here.open();
    EXPECT_FALSE(both.tell()) << "nobody waits";
    const auto round = both.here.await();
    EXPECT_FALSE(both.here.is_known(round));
    EXPECT_TRUE(both.tell());
    EXPECT_FALSE(both.here.is_known(round)) << "told, but not known";
    both.answer();
    EXPECT_TRUE(both.here.is_known(round));
    EXPECT_FALSE(both.tell()) << "nobody waits any more";
}

TEST(told_rounds, a_change_while_a_round_is_under_way_waits_for_the_next_one) {
    two both;
    both.here.open();
    const auto under_way = both.here.begin();
    const auto round = both.here.await();
    EXPECT_FALSE(both.here.is_due(under_way));
    EXPECT_GT(round, under_way);
    EXPECT_TRUE(both.tell());
    both.answer();
    EXPECT_TRUE(both.here.is_known(round));
}

TEST(told_rounds, one_who_gives_up_lets_others_go_on_until_the_other_process_has_caught_up) {
    two both;
    both.here.open();
    const auto late = both.here.await();
    const auto other = both.here.await();
    EXPECT_TRUE(both.tell());
    both.here.give_up(late);
    EXPECT_TRUE(both.here.is_known(late));
    EXPECT_TRUE(both.here.is_known(other));
    EXPECT_EQ(both.here.await(), 0U);
    both.answer();
    const auto next = both.here.await();
    EXPECT_FALSE(both.here.is_known(next));
    EXPECT_TRUE(both.tell());
    both.answer();
    EXPECT_TRUE(both.here.is_known(next));
}

TEST(told_rounds, all_go_on_when_the_other_process_is_gone) {
    two both;
    both.here.open();
    const auto round = both.here.await();
    both.here.close();
    EXPECT_TRUE(both.here.is_known(round));
    EXPECT_FALSE(both.tell());
    both.here.open();
    EXPECT_TRUE(both.tell()) << "the next one is asked for what was awaited";
}

TEST(told_rounds, a_round_that_never_was_is_not_believed) {
    told_rounds here;
    here.open();
    (void)here.begin();
    EXPECT_FALSE(here.hear(2));
    EXPECT_TRUE(here.hear(1));
}

}  // namespace
}  // namespace hawser::registry
