// SPDX-License-Identifier: Apache-2.0
#include "sessions/readings.h"

#include <gtest/gtest.h>

#include <set>

namespace hawser::sessions {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1000h};

store::record_id id(std::uint64_t number) { return {.in = nullptr, .hash = {number, number}}; }

TEST(readings, are_found_by_their_number_and_session) {
    readings all(1 << 20);
    const auto number = all.note(id(1), store::version{5}, "data", start);
    ASSERT_TRUE(all.find(number, id(1)));
    EXPECT_EQ(all.find(number, id(1))->at, store::version{5});
    EXPECT_EQ(*all.find(number, id(1))->data, "data");
    EXPECT_FALSE(all.find(number, id(17)));  // of another session, in the same shard
    EXPECT_FALSE(all.find(number + 1, id(1)));
}

TEST(readings, of_one_version_share_their_data) {
    readings all(1 << 20);
    const auto one = all.note(id(1), store::version{5}, "data", start);
    const auto other = all.note(id(1), store::version{5}, "data", start);
    EXPECT_NE(one, other);
    EXPECT_EQ(all.find(one, id(1))->data, all.find(other, id(1))->data);
}

TEST(readings, take_no_more_than_they_may) {
    readings all(16 * 10'000);
    std::set<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < 1000; ++i)
        numbers.insert(all.note(id(16), store::version{i}, std::string(1000, 'x'), start));
    EXPECT_LE(all.bytes(), 10'000u);
    EXPECT_EQ(numbers.size(), 1000u);
    const auto kept = std::ranges::count_if(
        numbers, [&](std::uint64_t number) { return all.find(number, id(16)).has_value(); });
    EXPECT_EQ(kept, 8);
}

TEST(readings, s21_are_forgotten_in_time) {
    readings all(1 << 20);
    const auto early = all.note(id(1), store::version{1}, "early", start);
    const auto late = all.note(id(1), store::version{2}, "late", start + 2s);
    all.forget_before(start + 1s);
    EXPECT_FALSE(all.find(early, id(1)));
    EXPECT_TRUE(all.find(late, id(1)));
    all.forget_before(start + 3s);
    EXPECT_EQ(all.bytes(), 0u);
}

TEST(readings, know_which_are_open) {
    readings all(1 << 20);
    const auto one = all.note(id(1), store::version{1}, "1", start);
    const auto two = all.note(id(1), store::version{2}, "2", start);
    EXPECT_EQ(all.open(id(1)).size(), 2u);
    all.answer(two, id(1), std::nullopt);
    ASSERT_EQ(all.open(id(1)).size(), 1u);
    EXPECT_EQ(all.open(id(1))[0].at, store::version{1});
    all.answer(one, id(1), reading{.at = store::version{3}, .data = share("saved")});
    EXPECT_EQ(*all.find(one, id(1))->data, "saved");
    EXPECT_TRUE(all.open(id(1)).empty());
}

}  // namespace
}  // namespace hawser::sessions
