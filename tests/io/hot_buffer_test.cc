// SPDX-License-Identifier: Apache-2.0
#include "io/hot_buffer.h"

#include <gtest/gtest.h>

#include "base/sanitizers.h"

namespace hawser::io {
namespace {

TEST(hot_buffer, lends_all_of_the_same_bytes_each_time) {
    hot_buffer hot;
    const auto first = hot.lend();
    EXPECT_EQ(first.size(), limits::hot_buffer);
    hot.take_back();
    EXPECT_EQ(hot.lend().data(), first.data());
}

#if defined(HAWSER_ASAN)
TEST(hot_buffer_death_test, catches_whoever_looks_after_the_wait) {
    hot_buffer hot;
    volatile const char* const lent = hot.lend().data();
    hot.take_back();
    EXPECT_DEATH((void)*lent, "use-after-poison");
}
#endif

}  // namespace
}  // namespace hawser::io
