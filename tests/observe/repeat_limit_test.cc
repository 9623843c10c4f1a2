// SPDX-License-Identifier: Apache-2.0
#include "observe/repeat_limit.h"

#include <gtest/gtest.h>

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

TEST(repeat_limit, lets_the_first_few_pass) {
    repeat_limit limit;
    for (unsigned count = 0; count < limits::log_alike_max; ++count)
        EXPECT_EQ(limit.pass("key", start), 0u);
    EXPECT_EQ(limit.pass("key", start), std::nullopt);
}

TEST(repeat_limit, says_later_how_many_were_kept_back) {
    repeat_limit limit;
    for (unsigned count = 0; count < limits::log_alike_max + 7; ++count) limit.pass("key", start);
    EXPECT_EQ(limit.pass("key", start + limits::log_alike_time), 7u);
    EXPECT_EQ(limit.pass("key", start + limits::log_alike_time), 0u);
}

TEST(repeat_limit, keeps_keys_apart) {
    repeat_limit limit;
    for (unsigned count = 0; count < limits::log_alike_max + 1; ++count) limit.pass("loud", start);
    EXPECT_EQ(limit.pass("quiet", start), 0u);
}

}  // namespace
}  // namespace hawser::observe
