// SPDX-License-Identifier: Apache-2.0
#include "discovery/slots.h"

#include <gtest/gtest.h>

namespace hawser::discovery {
namespace {

using names = std::vector<std::string>;
using numbers = std::vector<std::size_t>;

TEST(slots, begin_at_1_in_the_order_of_the_names) {
    slots of;
    EXPECT_EQ(of.assign(names{"a", "b", "c"}), (numbers{1, 2, 3}));
}

TEST(slots, stay_with_whoever_has_one) {
    slots of;
    (void)of.assign(names{"b", "c"});
    EXPECT_EQ(of.assign(names{"a", "b", "c"}), (numbers{3, 1, 2}));
}

TEST(slots, go_from_one_who_left_to_the_next_who_comes) {
    slots of;
    (void)of.assign(names{"a", "b", "c"});
    EXPECT_EQ(of.assign(names{"a", "c", "x"}), (numbers{1, 3, 2}));
}

TEST(slots, are_given_up_by_whoever_was_away) {
    slots of;
    (void)of.assign(names{"a", "b"});
    (void)of.assign(names{"b"});
    EXPECT_EQ(of.assign(names{"a", "b", "c"}), (numbers{1, 2, 3}));
    (void)of.assign(names{"b", "x"});
    EXPECT_EQ(of.assign(names{"a", "b", "x"}), (numbers{3, 2, 1}));
}

}  // namespace
}  // namespace hawser::discovery
