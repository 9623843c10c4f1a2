// SPDX-License-Identifier: Apache-2.0
#include "affinity/binding.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hawser::affinity {
namespace {

TEST(binding, has_a_word_for_each_verdict_and_cause) {
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < verdicts; ++i) words.insert(name_of(static_cast<verdict>(i)));
    EXPECT_EQ(words.size(), verdicts);
    EXPECT_TRUE(words.contains("new"));
    words.clear();
    for (std::size_t i = 0; i < causes; ++i) words.insert(name_of(static_cast<cause>(i)));
    EXPECT_EQ(words.size(), causes);
    EXPECT_TRUE(words.contains("no-key"));
    EXPECT_TRUE(words.contains("operator"));
}

TEST(binding, counts_whole_seconds_since_1970) {
    using namespace std::chrono_literals;
    EXPECT_EQ(seconds_of(wall_time(1999ms)), 1u);
    EXPECT_EQ(seconds_of(wall_time(2000ms)), 2u);
}

TEST(binding, fits_beside_another_in_a_cache_line_and_a_half) { EXPECT_LE(sizeof(binding), 40u); }

}  // namespace
}  // namespace hawser::affinity
