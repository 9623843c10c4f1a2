// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

// Tokens outlive releases and nodes: these numbers must never change.
TEST(stable_hash, gives_the_same_number_on_every_node_and_in_every_version) {
    EXPECT_EQ(stable_hash(""), 0x2d06800538d394c2u);
    EXPECT_EQ(stable_hash("shop"), stable_hash("shop"));
    EXPECT_NE(stable_hash("shop"), stable_hash("shop", 1));
}

TEST(pool_id_of, tells_names_apart) {
    EXPECT_EQ(pool_id_of("shop"), pool_id_of("shop"));
    EXPECT_NE(pool_id_of("shop"), pool_id_of("shop2"));
}

TEST(server_id_of, tells_servers_of_one_name_in_two_pools_apart) {
    EXPECT_EQ(server_id_of("shop", "a"), server_id_of("shop", "a"));
    EXPECT_NE(server_id_of("shop", "a"), server_id_of("cart", "a"));
    EXPECT_NE(server_id_of("shop", "a"), server_id_of("shop", "b"));
}

TEST(server_id_of, does_not_confuse_where_the_pools_name_ends) {
    EXPECT_NE(server_id_of("ab", "c"), server_id_of("a", "bc"));
}

TEST(server_id_of, is_never_the_id_of_no_server) { EXPECT_NE(server_id_of("", ""), no_server_id); }

}  // namespace
}  // namespace hawser
