// SPDX-License-Identifier: Apache-2.0
#include "affinity/header.h"

#include <gtest/gtest.h>

#include <string>

#include "affinity/pool.h"
#include "base/limits.h"

namespace hawser::affinity {
namespace {

session_key key_in(pool& of, std::string_view value) {
    return of.find(head_with().field("X-Session", value)).key;
}

cause why_not(pool& of, const head_with& head) { return of.find(head).why; }

TEST(header, finds_its_field_in_any_letter_case) {
    pool shop({made<header>({.name = "X-Session"})});
    EXPECT_EQ(shop.find(head_with().field("x-session", "ann")).key, key_in(shop, "ann"));
    EXPECT_TRUE(shop.find(head_with().field("X-Sessions", "ann")).key.empty());
}

TEST(header, takes_values_for_different_that_differ_in_letter_case_unless_told_otherwise) {
    pool shop({made<header>({.name = "X-Session"})});
    EXPECT_NE(key_in(shop, "Ann"), key_in(shop, "ann"));
    pool folding({made<header>({.name = "X-Session", .ignore_case = true})});
    EXPECT_EQ(key_in(folding, "Ann"), key_in(folding, "aNN"));
    EXPECT_NE(key_in(folding, "Ann"), key_in(folding, "Bob"));
}

TEST(header, does_not_count_quotes_around_the_value) {
    pool shop({made<header>({.name = "X-Session"})});
    EXPECT_EQ(key_in(shop, "\"ann\""), key_in(shop, "ann"));
    EXPECT_NE(key_in(shop, "\"ann"), key_in(shop, "ann"));
    EXPECT_NE(key_in(shop, "a\"n\"n"), key_in(shop, "ann"));
}

TEST(header, an_empty_value_is_none) {
    pool shop({made<header>({.name = "X-Session"})});
    EXPECT_EQ(why_not(shop, head_with().field("X-Session", "")), cause::no_key);
    EXPECT_EQ(why_not(shop, head_with().field("X-Session", "\"\"")), cause::no_key);
    EXPECT_TRUE(key_in(shop, "").empty());
}

TEST(header, of_equal_values_there_is_one_and_differing_ones_name_nobody) {
    pool shop({made<header>({.name = "X-Session"})});
    head_with twice;
    twice.field("X-Session", "ann").field("X-Session", "ann");
    EXPECT_EQ(shop.find(twice).key, key_in(shop, "ann"));
    const auto both = shop.find(head_with().field("X-Session", "ann").field("X-Session", "bob"));
    EXPECT_TRUE(both.key.empty());
    EXPECT_EQ(both.why, cause::ambiguous);
    EXPECT_EQ(both.invalid_for, "header");
}

TEST(header, a_value_past_the_limit_is_none) {
    pool shop({made<header>({.name = "X-Session"})});
    const std::string longest(limits::session_value_max, 'a');
    EXPECT_FALSE(key_in(shop, longest).empty());
    const auto found = shop.find(head_with().field("X-Session", longest + "a"));
    EXPECT_TRUE(found.key.empty());
    EXPECT_EQ(found.invalid, cause::forged);
}

TEST(header, learns_the_key_from_the_answer) {
    pool shop({made<header>({.name = "Mcp-Session-Id"})});
    const auto began = shop.find(head_with());
    const auto told = shop.answer(answer_with().field("Mcp-Session-Id", "4711"), began);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_FALSE(told.learned[0].renames);
    EXPECT_FALSE(told.carries_mark);
    EXPECT_EQ(told.learned[0].key, shop.find(head_with().field("Mcp-Session-Id", "4711")).key);
    EXPECT_TRUE(shop.answer(answer_with(), began).learned.empty());
    EXPECT_TRUE(shop.answer(answer_with().field("Mcp-Session-Id", ""), began).learned.empty());
}

TEST(header, another_key_in_the_answer_takes_the_place_of_the_one_shown) {
    pool shop({made<header>({.name = "X-Session"})});
    const auto found = shop.find(head_with().field("X-Session", "before"));
    const auto told = shop.answer(answer_with().field("X-Session", "after"), found);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_EQ(told.learned[0].key, key_in(shop, "after"));
    EXPECT_TRUE(told.learned[0].renames);
}

TEST(header, a_key_in_the_answer_joins_the_one_by_which_another_affinity_found_the_session) {
    pool shop({made<query>({.name = "user"}), made<header>({.name = "X-Session"})});
    const auto found = shop.find(head_with().target("/", "user=ann"));
    const auto told = shop.answer(answer_with().field("X-Session", "after"), found);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_FALSE(told.learned[0].renames);
}

TEST(header, learns_nothing_if_it_is_told_not_to) {
    pool shop({made<header>({.name = "X-User", .learn = false})});
    const auto told = shop.answer(answer_with().field("X-User", "ann"), shop.find(head_with()));
    EXPECT_TRUE(told.learned.empty());
}

}  // namespace
}  // namespace hawser::affinity
