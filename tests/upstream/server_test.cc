// SPDX-License-Identifier: Apache-2.0
#include "upstream/server.h"

#include <gtest/gtest.h>

#include "yard.h"

namespace hawser::upstream {
namespace {

TEST(server, is_drained_once_nothing_is_under_way_there) {
    yard shop{described("a")};
    server& one = shop["a"];
    one.set_state(admin_state::drain);
    EXPECT_FALSE(one.is_drained());
    {
        const request_mark under_way(one.load.of_worker(0));
        one.leaving.end();
        EXPECT_FALSE(one.is_drained()) << "whoever stops it now cuts a request";
    }
    EXPECT_TRUE(one.is_drained());
    one.set_state(admin_state::ready);
    EXPECT_FALSE(one.is_drained());
}

}  // namespace
}  // namespace hawser::upstream
