// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace literals;

TEST(byte_count, units_are_powers_of_1024) {
    EXPECT_EQ((1_KiB).value, 1024u);
    EXPECT_EQ(1_MiB, byte_count{1024 * 1024});
    EXPECT_EQ((3_GiB).value, 3'221'225'472u);
}

TEST(byte_count, orders_by_size) { EXPECT_LT(1023_KiB, 1_MiB); }

}  // namespace
}  // namespace hawser
