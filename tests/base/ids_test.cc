// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace hawser {
namespace {

TEST(ids, of_a_pool_and_of_a_server_cannot_be_confused) {
    EXPECT_FALSE((std::is_convertible_v<pool_id, server_id>));
    EXPECT_FALSE((std::is_convertible_v<std::uint64_t, server_id>));
}

TEST(session_id, differs_by_any_byte) {
    session_id one;
    session_id other;
    EXPECT_EQ(one, other);

    other.bytes.back() = 1;

    EXPECT_NE(one, other);
    EXPECT_LT(one, other);
}

}  // namespace
}  // namespace hawser
