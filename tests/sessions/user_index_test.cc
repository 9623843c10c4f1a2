// SPDX-License-Identifier: Apache-2.0
#include "sessions/user_index.h"

#include <gtest/gtest.h>

#include "sessions/successors.h"

namespace hawser::sessions {
namespace {

using namespace std::chrono_literals;
using session = user_index::session;

session at(std::uint64_t number) { return {number, ~number}; }

TEST(user_index, knows_whose_sessions_there_are) {
    user_index all;
    (void)all.add(1, at(10), 0, user_full::refuse);
    (void)all.add(1, at(11), 0, user_full::refuse);
    (void)all.add(2, at(20), 0, user_full::refuse);
    EXPECT_EQ(all.of(1), (std::vector{at(10), at(11)}));
    EXPECT_EQ(all.size(), 3u);
    all.remove(at(10));
    all.remove(at(99));
    EXPECT_EQ(all.of(1), std::vector{at(11)});
    all.remove(at(11));
    EXPECT_TRUE(all.of(1).empty());
    EXPECT_EQ(all.of(2), std::vector{at(20)});
}

TEST(user_index, s9_refuses_one_more_than_a_user_may_have) {
    user_index all;
    EXPECT_TRUE(all.add(1, at(10), 1, user_full::refuse).is_granted);
    EXPECT_FALSE(all.add(1, at(11), 1, user_full::refuse).is_granted);
    EXPECT_TRUE(all.add(2, at(20), 1, user_full::refuse).is_granted);
    EXPECT_EQ(all.of(1), std::vector{at(10)});
}

TEST(user_index, s9_or_names_the_oldest_to_end) {
    user_index all;
    for (std::uint64_t i = 0; i < 3; ++i) (void)all.add(1, at(i), 0, user_full::refuse);
    const auto made = all.add(1, at(3), 2, user_full::end_oldest);
    EXPECT_TRUE(made.is_granted);
    EXPECT_EQ(made.give_way, (std::vector{at(0), at(1)}));
    EXPECT_EQ(all.of(1), (std::vector{at(2), at(3)}));
    EXPECT_EQ(all.size(), 2u);
}

TEST(user_index, what_a_process_before_had_is_older_than_what_comes_and_in_its_own_order) {
    user_index all;
    (void)all.add(1, at(10), 0, user_full::refuse);
    all.restore(1, at(2), steady_time(2h));
    all.restore(1, at(1), steady_time(1h));
    all.restore(1, at(3), steady_time(3h));
    (void)all.add(1, at(11), 0, user_full::refuse);
    EXPECT_EQ(all.of(1), (std::vector{at(1), at(2), at(3), at(10), at(11)}));
}

TEST(successors, s5_an_old_id_leads_to_the_new_one_for_seconds_and_is_watched_for_longer) {
    successors all;
    const steady_time start{1000h};
    all.note(at(1), at(2), start);
    EXPECT_FALSE(all.find(at(3), start));
    ASSERT_TRUE(all.find(at(1), start + 9s));
    EXPECT_EQ(all.find(at(1), start + 9s)->called, at(2));
    EXPECT_FALSE(all.find(at(1), start + 9s)->is_late);
    EXPECT_TRUE(all.find(at(1), start + 10s)->is_late);
    EXPECT_FALSE(all.find(at(1), start + 10min));
}

}  // namespace
}  // namespace hawser::sessions
