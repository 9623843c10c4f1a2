// SPDX-License-Identifier: Apache-2.0
#include "sessions/sightings.h"

#include <gtest/gtest.h>

namespace hawser::sessions {
namespace {

store::record_id id(std::uint64_t number) { return {.in = nullptr, .hash = {number, number}}; }

TEST(sightings, know_what_was_seen_last) {
    sightings seen;
    EXPECT_EQ(seen.of(id(1)), store::no_version);
    seen.note(id(1), store::version{5});
    seen.note(id(1), store::version{7});
    EXPECT_EQ(seen.of(id(1)), store::version{7});
}

TEST(sightings, forget_the_first_when_there_are_too_many) {
    sightings seen;
    for (std::uint64_t i = 0; i < 3 * sightings::most; ++i) {
        seen.note(id(i), store::version{i + 1});
        EXPECT_LE(seen.size(), sightings::most);
    }
    EXPECT_EQ(seen.of(id(2 * sightings::most - 1)), store::no_version);
    EXPECT_EQ(seen.of(id(2 * sightings::most)), store::version{2 * sightings::most + 1});
    EXPECT_EQ(seen.of(id(3 * sightings::most - 1)), store::version{3 * sightings::most});
}

}  // namespace
}  // namespace hawser::sessions
