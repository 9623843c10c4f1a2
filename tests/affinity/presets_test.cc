// SPDX-License-Identifier: Apache-2.0
#include "affinity/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "affinity/application_cookie.h"
#include "affinity/pool.h"
#include "config/write.h"

namespace hawser::affinity {
namespace {

using testing::HasSubstr;

choices_in_order read(const config::node& given, config::diagnostics& out) {
    choices_in_order made;
    config::codec<choices_in_order>::read(given, made, out);
    return made;
}

TEST(presets, have_names_of_their_own_that_are_no_kinds) {
    std::set<std::string_view> names;
    for (const auto& each : presets()) {
        EXPECT_TRUE(names.insert(each.name).second) << each.name;
        EXPECT_EQ(kinds.find(each.name), nullptr) << each.name;
    }
}

TEST(presets, stand_for_affinities_that_can_be_made) {
    for (const auto& each : presets()) {
        pool shop(each.affinities(each.takes == preset::named::nothing ? "" : "sid"));
        EXPECT_EQ(shop.find(head_with()).is_refused, false) << each.name;
    }
}

TEST(presets, java_servlet_knows_one_id_in_cookie_and_path) {
    config::diagnostics out;
    pool shop(read(config::node::plain("java-servlet"), out));
    EXPECT_FALSE(out.has_errors());
    const auto by_cookie = shop.find(head_with({"JSESSIONID=4711"})).key;
    EXPECT_FALSE(by_cookie.empty());
    EXPECT_EQ(shop.find(head_with().target("/cart;jsessionid=4711")).key, by_cookie);
}

config::node named(const std::string& preset, const std::string& name) {
    auto made = config::node::empty_map();
    made.set(preset, config::node::plain(name));
    return made;
}

TEST(presets, take_a_name_where_they_need_one) {
    config::diagnostics out;
    const auto by_cookie = read(named("aws-application", "SID"), out);
    ASSERT_EQ(by_cookie.size(), 1u);
    EXPECT_EQ(by_cookie[0],
              (made<application_cookie>({.name = "SID", .carried_by = carrier::shadow})));
    EXPECT_EQ(read(named("gcp-header", "X-Session"), out)[0],
              (made<header>({.name = "X-Session", .learn = false})));
    EXPECT_EQ(read(named("llm", "X-Chat"), out).size(), 2u);
    EXPECT_EQ(read(config::node::plain("llm"), out).size(), 2u);
    EXPECT_FALSE(out.has_errors());
    for (const auto& wrong : {config::node::plain("gcp-header"), named("gcp-header", "a b"),
                              named("php", "SID"), named("aws-application", "")}) {
        config::diagnostics told;
        read(wrong, told);
        EXPECT_TRUE(told.has_errors());
    }
}

TEST(presets, of_a_language_model_join_a_prefix_but_make_it_no_session) {
    config::diagnostics out;
    pool shop(read(config::node::plain("llm"), out));
    const auto ask = [&](std::string_view conversation) {
        return shop.find(
            head_with().field("X-Conversation-Id", conversation).field("X-Prefix-Key", "p"));
    };
    const auto first = ask("1");
    EXPECT_EQ(first.why, cause::unknown_key);
    ASSERT_EQ(first.others.all().size(), 1u);
    shop.registry.know(first.key, {.home = server_id_of("shop", "blue")});
    shop.registry.know(first.others.all()[0], {.home = server_id_of("shop", "blue")});
    const auto second = ask("2");
    EXPECT_NE(second.key, first.key);
    EXPECT_EQ(second.advised, server_id_of("shop", "blue"));
    EXPECT_TRUE(second.others.empty());
}

TEST(presets, are_shown_as_what_they_stand_for) {
    config::diagnostics out;
    const auto shown = config::to_yaml(
        config::codec<choices_in_order>::show(read(config::node::plain("mcp"), out)));
    EXPECT_THAT(shown, HasSubstr("Mcp-Session-Id"));
    EXPECT_TRUE(read(config::node::plain("azure-5-tuple"), out).empty());
}

TEST(presets, leave_kinds_and_lists_as_they_are) {
    config::diagnostics out;
    EXPECT_EQ(read(config::node::plain("cookie"), out), (choices_in_order{choice("cookie")}));
    auto both = config::node::empty_list();
    both.add(config::node::plain("cookie"));
    both.add(config::node::plain("source-address"));
    EXPECT_EQ(read(both, out).size(), 2u);
    EXPECT_FALSE(out.has_errors());
    read(config::node::plain("java"), out);
    EXPECT_TRUE(out.has_errors());
}

}  // namespace
}  // namespace hawser::affinity
