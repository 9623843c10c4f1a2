// SPDX-License-Identifier: Apache-2.0
#include "app/strain.h"

#include <gtest/gtest.h>

namespace hawser::app {
namespace {

using proxy::pressure;

TEST(strain, e169_rises_at_its_bounds) {
    strain memory({.tight = 95, .full = 98});
    EXPECT_EQ(memory.look(949, 1000), pressure::none);
    EXPECT_EQ(memory.look(950, 1000), pressure::tight);
    EXPECT_EQ(memory.look(979, 1000), pressure::tight);
    EXPECT_EQ(memory.look(980, 1000), pressure::full);
    EXPECT_EQ(memory.look(2000, 1000), pressure::full);
}

TEST(strain, eases_a_little_below_the_bound_that_it_crossed) {
    strain memory({.tight = 95, .full = 98});
    EXPECT_EQ(memory.look(985, 1000), pressure::full);
    EXPECT_EQ(memory.look(961, 1000), pressure::full);
    EXPECT_EQ(memory.look(959, 1000), pressure::tight);
    EXPECT_EQ(memory.look(931, 1000), pressure::tight);
    EXPECT_EQ(memory.look(929, 1000), pressure::none);
    EXPECT_EQ(memory.look(945, 1000), pressure::none);
}

TEST(strain, what_has_no_limit_is_never_short) {
    strain memory({.tight = 95, .full = 98});
    EXPECT_EQ(memory.look(UINT64_MAX / 100, 0), pressure::none);
    strain connections({.tight = 90});
    EXPECT_EQ(connections.look(500, 100), pressure::tight) << "refused one by one, never full";
}

}  // namespace
}  // namespace hawser::app
