// SPDX-License-Identifier: Apache-2.0
#include "affinity/composition.h"

#include <gtest/gtest.h>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

template <typename Kind>
part_choice part(typename Kind::settings given) {
    const auto whole = made<Kind>(std::move(given));
    const auto& settings = *whole.template settings_if<Kind>();
    return {*part_kinds.find(whole.name()),
            std::make_shared<const typename Kind::settings>(settings)};
}

choice tenant_and_user() {
    return made<composition>(
        {.of = {part<header>({.name = "X-Tenant"}), part<query>({.name = "user"})}});
}

finding of(pool& shop, std::string_view tenant, std::string_view user) {
    return shop.find(
        head_with().field("X-Tenant", tenant).target("/", "user=" + std::string(user)));
}

TEST(composition, is_one_session_where_all_parts_are_equal) {
    pool shop({tenant_and_user()});
    const auto key = of(shop, "acme", "ann").key;
    EXPECT_FALSE(key.empty());
    EXPECT_EQ(of(shop, "acme", "ann").key, key);
    EXPECT_NE(of(shop, "acme", "bob").key, key);
    EXPECT_NE(of(shop, "emca", "ann").key, key);
}

TEST(composition, is_missing_where_a_part_is) {
    pool shop({tenant_and_user()});
    EXPECT_EQ(of(shop, "acme", "").why, cause::no_key);
    EXPECT_EQ(of(shop, "", "ann").why, cause::no_key);
    EXPECT_EQ(
        shop.find(head_with().field("X-Tenant", "a").field("X-Tenant", "b").target("/", "user=c"))
            .why,
        cause::ambiguous);
}

TEST(composition, is_of_a_crowd_if_a_part_is) {
    EXPECT_FALSE(tenant_and_user().make(pool({choice("cookie")}).made_for)->is().is_of_a_crowd);
    pool shop({choice("cookie"),
               made<composition>({.of = {part<source_address>({}), part<header>({.name = "X"})}})});
    const auto first = shop.find(head_with().field("X", "a"));
    ASSERT_EQ(first.others.all().size(), 1u);
    shop.registry.know(first.others.all()[0], {.home = server_id_of("shop", "blue")});
    EXPECT_EQ(shop.find(head_with().field("X", "a")).advised, server_id_of("shop", "blue"));
    EXPECT_EQ(shop.find(head_with().field("X", "b")).advised, no_server_id);
}

TEST(composition, counts_the_place_of_each_part) {
    pool shop(
        {made<composition>({.of = {part<header>({.name = "A"}), part<header>({.name = "B"})}})});
    EXPECT_NE(shop.find(head_with().field("A", "x").field("B", "y")).key,
              shop.find(head_with().field("A", "y").field("B", "x")).key);
}

}  // namespace
}  // namespace hawser::affinity
