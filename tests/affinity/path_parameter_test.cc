// SPDX-License-Identifier: Apache-2.0
#include "affinity/path_parameter.h"

#include <gtest/gtest.h>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

finding of(pool& shop, std::string_view path) { return shop.find(head_with().target(path)); }

TEST(path_parameter, finds_its_parameter_in_any_segment) {
    pool shop({made<path_parameter>({.name = "jsessionid"})});
    const auto key = of(shop, "/cart;jsessionid=1").key;
    EXPECT_FALSE(key.empty());
    EXPECT_EQ(of(shop, "/;jsessionid=1").key, key);
    EXPECT_EQ(of(shop, "/shop;jsessionid=1/cart").key, key);
    EXPECT_EQ(of(shop, "/shop;a=b/cart;c=d;jsessionid=1;e=f").key, key);
    EXPECT_EQ(of(shop, "/cart;jsessionid=%31").key, key);
    EXPECT_NE(of(shop, "/cart;jsessionid=2").key, key);
    EXPECT_TRUE(of(shop, "/jsessionid=1").key.empty()) << "that is a segment's own name";
    EXPECT_TRUE(of(shop, "/cart;xjsessionid=1").key.empty());
    EXPECT_TRUE(of(shop, "/cart").key.empty());
}

TEST(path_parameter, differing_values_in_two_segments_name_nobody) {
    pool shop({made<path_parameter>({.name = "jsessionid"})});
    EXPECT_EQ(of(shop, "/a;jsessionid=1/b;jsessionid=2").why, cause::ambiguous);
    EXPECT_EQ(of(shop, "/a;jsessionid=1/b;jsessionid=1").why, cause::unknown_key);
}

TEST(path_parameter, names_the_same_session_as_a_parameter_of_the_query_with_its_name) {
    pool shop({made<path_parameter>({.name = "sid"}), made<query>({.name = "SID"})});
    const auto by_path = of(shop, "/a;sid=1").key;
    EXPECT_EQ(shop.find(head_with().target("/a", "SID=1")).key, by_path);
}

}  // namespace
}  // namespace hawser::affinity
