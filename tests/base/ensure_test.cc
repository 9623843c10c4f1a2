// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

TEST(ensure, lets_what_holds_pass) { ensure(true, "two is even"); }

TEST(ensure_DeathTest, ends_the_process_and_names_place_and_reason) {
    EXPECT_DEATH(ensure(false, "a session has one home"),
                 "broken invariant at .*ensure_test.cc:.*a session has one home");
}

TEST(die_DeathTest, ends_the_process_and_says_why) {
    EXPECT_DEATH(die("nobody is left"), "nobody is left");
}

}  // namespace
}  // namespace hawser
