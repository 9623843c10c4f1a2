// SPDX-License-Identifier: Apache-2.0
#include "crypto/compare.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::crypto {
namespace {

TEST(equal_in_constant_time, finds_a_difference_at_each_place) {
    const std::string one(40, 'x');
    EXPECT_TRUE(equal_in_constant_time(one, std::string(40, 'x')));
    for (std::size_t i = 0; i < one.size(); ++i) {
        auto other = one;
        other[i] = 'y';
        EXPECT_FALSE(equal_in_constant_time(one, other)) << i;
    }
}

TEST(equal_in_constant_time, tells_lengths_apart) {
    EXPECT_FALSE(equal_in_constant_time(std::string_view("ab"), std::string_view("abc")));
    EXPECT_FALSE(equal_in_constant_time(std::string_view(), std::string_view("a")));
    EXPECT_TRUE(equal_in_constant_time(std::string_view(), std::string_view()));
}

}  // namespace
}  // namespace hawser::crypto
