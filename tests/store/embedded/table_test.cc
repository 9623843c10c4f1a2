// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/table.h"

#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/mortal_disk.h"
#include "store/ground.h"

namespace hawser::store {
namespace {

TEST(table, a_sync_after_a_write_that_failed_fails_and_ends_nothing) {
    const folder place;
    mortal_disk disk;
    table kept({.directory = place.path / "sessions", .disk = disk.env()});
    ASSERT_TRUE(kept.open());
    const std::vector<table::item> one = {{.key = "a", .value = "1"}};
    ASSERT_TRUE(kept.write(one));

    disk.set_full(true);
    EXPECT_EQ(kept.write(one).error().code, errc::exhausted);
    EXPECT_FALSE(kept.sync());

    kept.close();
    disk.set_full(false);
    ASSERT_TRUE(kept.open());
    EXPECT_TRUE(kept.write(one));
    EXPECT_TRUE(kept.sync());
}

}  // namespace
}  // namespace hawser::store
