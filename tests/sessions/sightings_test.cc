// SPDX-License-Identifier: Apache-2.0
#include "sessions/sightings.h"

#include <gtest/gtest.h>

namespace hawser::sessions {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1000h};

store::record_id id(std::uint64_t number) { return {.in = nullptr, .hash = {number, number}}; }
sighting seen_at(std::uint64_t version, steady_time when = start) {
    return {.at = store::version{version}, .noted = when};
}

TEST(sightings, know_what_is_open_and_what_was_saved_last) {
    sightings seen;
    EXPECT_TRUE(seen.open(id(1)).empty());
    EXPECT_FALSE(seen.last(id(1)));
    seen.note(id(1), seen_at(5));
    seen.note(id(1), seen_at(7));
    ASSERT_EQ(seen.open(id(1)).size(), 2u);
    seen.answer(id(1), 0, seen_at(8));
    ASSERT_EQ(seen.open(id(1)).size(), 1u);
    EXPECT_EQ(seen.open(id(1))[0].at, store::version{7});
    EXPECT_EQ(seen.last(id(1))->at, store::version{8});
}

TEST(sightings, a_request_that_saves_nothing_answers_the_oldest_reading) {
    sightings seen;
    seen.note(id(1), seen_at(5));
    seen.note(id(1), seen_at(7));
    EXPECT_EQ(seen.answer_oldest(id(1))->at, store::version{5});
    EXPECT_EQ(seen.answer_oldest(id(1))->at, store::version{7});
    EXPECT_FALSE(seen.answer_oldest(id(1)));
    EXPECT_EQ(seen.last(id(1))->at, store::version{7});
}

TEST(sightings, old_readings_count_as_answered) {
    sightings seen;
    seen.note(id(1), seen_at(5, start));
    seen.note(id(1), seen_at(7, start + 60s));
    seen.close_before(id(1), start + 1s);
    ASSERT_EQ(seen.open(id(1)).size(), 1u);
    EXPECT_EQ(seen.open(id(1))[0].at, store::version{7});
}

TEST(sightings, hold_only_so_many_readings_of_one_session) {
    sightings seen;
    for (std::uint64_t i = 1; i <= 20; ++i) seen.note(id(1), seen_at(i));
    ASSERT_EQ(seen.open(id(1)).size(), sightings::open_most);
    EXPECT_EQ(seen.open(id(1)).back().at, store::version{20});
}

TEST(sightings, forget_the_first_when_there_are_too_many) {
    sightings seen;
    for (std::uint64_t i = 0; i < 3 * sightings::most; ++i) {
        seen.note(id(i), seen_at(i + 1));
        (void)seen.answer_oldest(id(i));
        EXPECT_LE(seen.size(), sightings::most);
    }
    EXPECT_FALSE(seen.last(id(2 * sightings::most - 1)));
    EXPECT_EQ(seen.last(id(2 * sightings::most))->at, store::version{2 * sightings::most + 1});
    EXPECT_EQ(seen.last(id(3 * sightings::most - 1))->at, store::version{3 * sightings::most});
}

TEST(sightings, keep_who_was_just_read_before_those_who_were_done_with) {
    sightings seen;
    for (std::uint64_t i = 0; i < sightings::most; ++i) {
        seen.note(id(i), seen_at(1));
        (void)seen.answer_oldest(id(i));
    }
    seen.note(id(0), seen_at(1));
    seen.note(id(sightings::most), seen_at(1));
    EXPECT_EQ(seen.open(id(0)).size(), 1u);
    EXPECT_EQ(seen.size(), sightings::most);
}

}  // namespace
}  // namespace hawser::sessions
