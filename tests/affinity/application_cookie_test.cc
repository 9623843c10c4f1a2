// SPDX-License-Identifier: Apache-2.0
#include "affinity/application_cookie.h"

#include <gtest/gtest.h>

#include <string>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;

const server_id blue = server_id_of("shop", "blue");

choice by(carrier carried_by) {
    return made<application_cookie>({.name = "SID", .carried_by = carried_by});
}

/// `NAME=value` that a Set-Cookie line of `lines` gives; empty: none is given.
std::string mark_in(std::string_view lines) {
    const auto start = lines.find("Set-Cookie: ");
    if (start == lines.npos) return {};
    const auto text = lines.substr(start + 12);
    return std::string(text.substr(0, text.find(';')));
}

TEST(application_cookie, learns_the_id_that_the_application_sets) {
    pool shop({by(carrier::learn)});
    const auto began = shop.find(head_with());
    EXPECT_TRUE(began.key.empty());
    const auto told = shop.answer(answer_with({"SID=4711; Path=/; HttpOnly"}), began);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_FALSE(told.learned[0].renames);
    EXPECT_EQ(told.learned[0].key, shop.find(head_with({"SID=4711"})).key);
    EXPECT_EQ(shop.lines, "");
    EXPECT_FALSE(told.carries_mark);
}

TEST(application_cookie, another_id_renames_the_session_that_showed_one) {
    pool shop({by(carrier::learn)});
    const auto found = shop.find(head_with({"a=b; SID=before"}));
    const auto told = shop.answer(answer_with({"SID=after"}), found);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_TRUE(told.learned[0].renames);
    EXPECT_EQ(told.learned[0].key, shop.find(head_with({"SID=after"})).key);
    EXPECT_FALSE(told.ends);
}

TEST(application_cookie, one_that_is_deleted_ends_the_session) {
    pool shop({by(carrier::learn)});
    const auto found = shop.find(head_with({"SID=4711"}));
    for (const auto* line : {"SID=x; Max-Age=0", "SID=; Path=/", "SID=x; max-age=-1", "SID",
                             "SID=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                             "SID=x; Expires=Thursday, 01-Jan-70 00:00:00 GMT"}) {
        const auto told = shop.answer(answer_with({line}), found);
        EXPECT_TRUE(told.ends) << line;
        EXPECT_TRUE(told.learned.empty()) << line;
    }
    EXPECT_FALSE(shop.answer(answer_with({"OTHER=; Max-Age=0"}), found).ends);
    EXPECT_FALSE(shop.answer(answer_with(), found).ends);
    EXPECT_FALSE(shop.answer(answer_with({"SID=x; Max-Age=0"}), shop.find(head_with())).ends)
        << "whoever showed none has no session that could end";
}

TEST(application_cookie, of_several_the_last_one_counts_as_for_browsers) {
    pool shop({by(carrier::learn)});
    const auto found = shop.find(head_with({"SID=before"}));
    const auto goes_on = shop.answer(answer_with({"SID=; Max-Age=0", "SID=after"}), found);
    EXPECT_FALSE(goes_on.ends);
    EXPECT_EQ(goes_on.learned.size(), 1u);
    EXPECT_TRUE(shop.answer(answer_with({"SID=after", "SID=; Max-Age=0"}), found).ends);
}

TEST(application_cookie, of_several_that_a_client_shows_the_first_one_counts) {
    pool shop({by(carrier::learn)});
    EXPECT_EQ(shop.find(head_with({"SID=one; SID=two"})).key,
              shop.find(head_with({"SID=one"})).key);
}

TEST(application_cookie, its_id_is_the_same_session_in_a_path) {
    pool shop({by(carrier::learn), made<path_parameter>({.name = "sid"})});
    EXPECT_EQ(shop.find(head_with().target("/cart;sid=4711")).key,
              shop.find(head_with({"SID=4711"})).key);
}

TEST(application_cookie, renames_and_ends_a_session_that_showed_its_id_in_a_path) {
    pool shop({by(carrier::learn), made<path_parameter>({.name = "sid"})});
    const auto found = shop.find(head_with().target("/cart;sid=before"));
    const auto told = shop.answer(answer_with({"SID=after"}), found);
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_TRUE(told.learned[0].renames);
    EXPECT_TRUE(shop.answer(answer_with({"SID=; Max-Age=0"}), found).ends);
}

TEST(application_cookie, joins_a_session_that_another_name_has_found) {
    pool shop({by(carrier::learn), made<query>({.name = "user"})});
    const auto found = shop.find(head_with().target("/", "user=ann"));
    EXPECT_FALSE(shop.answer(answer_with({"SID=after"}), found).learned[0].renames);
    EXPECT_FALSE(shop.answer(answer_with({"SID=; Max-Age=0"}), found).ends);
}

TEST(application_cookie, quotes_do_not_count_on_either_side) {
    pool shop({by(carrier::learn)});
    const auto told = shop.answer(answer_with({"SID=\"4711\""}), shop.find(head_with()));
    ASSERT_EQ(told.learned.size(), 1u);
    EXPECT_EQ(told.learned[0].key, shop.find(head_with({"SID=\"4711\""})).key);
    EXPECT_EQ(told.learned[0].key, shop.find(head_with({"SID=4711"})).key);
}

// ---- shadow -----------------------------------------------------------------------------------

TEST(application_cookie, a_shadow_comes_with_the_applications_cookie_and_leads_home) {
    pool shop({by(carrier::shadow)});
    const auto told = shop.answer(answer_with({"SID=4711; Max-Age=3600"}), shop.find(head_with()));
    EXPECT_TRUE(told.carries_mark);
    EXPECT_NE(shop.lines.find("; Max-Age=3600"), std::string::npos);
    const auto mark = mark_in(shop.lines);
    EXPECT_TRUE(mark.starts_with(shop.cookie_name() + "="));
    EXPECT_EQ(shop.all.hidden_cookie(), shop.cookie_name());

    const auto found = shop.find(head_with({"SID=4711; " + mark}));
    EXPECT_EQ(found.why, cause::none) << "nobody but the client knows of it";
    ASSERT_NE(found.brought(), nullptr);
    EXPECT_EQ(found.brought()->home, blue);
    EXPECT_EQ(found.key, shop.find(head_with({"SID=4711"})).key);
    const auto again = shop.answer(answer_with(), found);
    EXPECT_FALSE(again.carries_mark) << "most answers carry nothing";
}

TEST(application_cookie, a_shadow_without_the_applications_cookie_is_none) {
    pool shop({by(carrier::shadow)});
    shop.answer(answer_with({"SID=4711"}), shop.find(head_with()));
    const auto found = shop.find(head_with({mark_in(shop.lines)}));
    EXPECT_TRUE(found.key.empty());
    EXPECT_FALSE(found.carried);
    EXPECT_FALSE(shop.answer(answer_with(), found).carries_mark);
    EXPECT_EQ(shop.lines, "");
}

TEST(application_cookie, a_shadow_ends_with_the_applications_cookie) {
    pool shop({by(carrier::shadow)});
    shop.answer(answer_with({"SID=4711"}), shop.find(head_with()));
    const auto found = shop.find(head_with({"SID=4711; " + mark_in(shop.lines)}));
    EXPECT_TRUE(shop.answer(answer_with({"SID=; Max-Age=0"}), found).ends);
    EXPECT_TRUE(shop.lines.starts_with("Set-Cookie: " + shop.cookie_name() + "=; Max-Age=0;"));
}

TEST(application_cookie, a_forged_shadow_is_counted_and_the_id_counts_without_it) {
    pool shop({by(carrier::shadow)});
    const auto found = shop.find(head_with({"SID=4711; " + shop.cookie_name() + "=forged"}));
    EXPECT_EQ(found.invalid, cause::forged);
    EXPECT_EQ(found.invalid_for, "application-cookie");
    EXPECT_FALSE(found.carried);
    EXPECT_FALSE(found.key.empty());
}

// ---- prefix -----------------------------------------------------------------------------------

TEST(application_cookie, a_mark_goes_before_each_value_that_the_application_sets) {
    pool shop({by(carrier::prefix)});
    EXPECT_EQ(shop.all.marked_cookie(), "SID");
    EXPECT_EQ(shop.all.hidden_cookie(), "");
    const auto told = shop.answer(answer_with({"SID=4711; Path=/x; HttpOnly", "other=1"}),
                                  shop.find(head_with()));
    EXPECT_TRUE(told.carries_mark);
    EXPECT_EQ(told.replaced_cookie, "SID");
    const auto marked = mark_in(shop.lines);
    EXPECT_EQ(marked.size(), 4 + token_text_size + 5);
    EXPECT_TRUE(marked.ends_with("~4711"));
    EXPECT_EQ(shop.lines, "Set-Cookie: " + marked + "; Path=/x; HttpOnly\r\n");

    const auto found = shop.find(head_with({marked}));
    EXPECT_EQ(found.why, cause::none) << "nobody but the client knows of it";
    ASSERT_NE(found.brought(), nullptr);
    EXPECT_EQ(found.brought()->home, blue);
    EXPECT_EQ(found.key, shop.find(head_with({"SID=4711"})).key) << "the mark is none of the id";
    EXPECT_EQ(shop.answer(answer_with(), found).replaced_cookie, "");
}

TEST(application_cookie, a_mark_proves_nothing_before_another_value) {
    pool shop({by(carrier::prefix)});
    shop.answer(answer_with({"SID=4711; Path=/"}), shop.find(head_with()));
    auto moved = mark_in(shop.lines);
    moved.replace(moved.size() - 4, 4, "4712");
    const auto found = shop.find(head_with({moved}));
    EXPECT_FALSE(found.carried);
    EXPECT_EQ(found.invalid, cause::forged);
    EXPECT_EQ(found.key, shop.find(head_with({"SID=4712"})).key);
}

TEST(application_cookie, a_mark_of_another_pool_or_ring_proves_nothing) {
    pool shop({by(carrier::prefix)});
    pool bank({by(carrier::prefix)}, crypto::ring_of({{1, wall_time()}}), "bank");
    pool other({by(carrier::prefix)}, crypto::ring_of({{2, wall_time()}}));
    for (auto* each : {&bank, &other}) {
        each->answer(answer_with({"SID=4711; Path=/"}), each->find(head_with()));
        const auto found = shop.find(head_with({mark_in(each->lines)}));
        EXPECT_FALSE(found.carried);
        EXPECT_EQ(found.invalid, cause::foreign);
        EXPECT_FALSE(found.key.empty());
    }
}

TEST(application_cookie, a_mark_is_not_put_before_what_is_deleted) {
    pool shop({by(carrier::prefix)});
    const auto found = shop.find(head_with({"SID=4711"}));
    const auto told = shop.answer(answer_with({"SID=; Max-Age=0"}), found);
    EXPECT_TRUE(told.ends);
    EXPECT_EQ(told.replaced_cookie, "");
    EXPECT_EQ(shop.lines, "");
    shop.answer(answer_with({"SID=; Path=/old; Max-Age=0", "SID=after"}), found);
    EXPECT_TRUE(shop.lines.starts_with("Set-Cookie: SID=; Path=/old; Max-Age=0\r\n"));
    EXPECT_TRUE(shop.lines.ends_with("~after\r\n"));
}

TEST(application_cookie, a_mark_lies_before_quotes) {
    pool shop({by(carrier::prefix)});
    shop.answer(answer_with({"SID=\"4711\"; Secure"}), shop.find(head_with()));
    const auto marked = mark_in(shop.lines);
    EXPECT_TRUE(marked.ends_with("~\"4711\""));
    EXPECT_NE(shop.find(head_with({marked})).brought(), nullptr);
}

// ---- route ------------------------------------------------------------------------------------

TEST(application_cookie, a_route_behind_the_last_dot_advises_the_server_of_that_name) {
    pool shop({by(carrier::route)});
    EXPECT_EQ(shop.find(head_with({"SID=a.b.blue"})).advised, blue);
    EXPECT_EQ(shop.find(head_with({"SID=blue"})).advised, no_server_id);
    EXPECT_EQ(shop.find(head_with({"SID=a."})).advised, no_server_id);
    EXPECT_EQ(shop.find(head_with({"SID=a.blue"})).why, cause::unknown_key);
    pool learning({by(carrier::learn)});
    EXPECT_EQ(learning.find(head_with({"SID=a.blue"})).advised, no_server_id);
}

TEST(application_cookie, a_route_advises_nobody_whose_session_is_known) {
    pool shop({by(carrier::route)});
    shop.registry.know(shop.find(head_with({"SID=a.blue"})).key,
                       {.home = server_id_of("shop", "green")});
    EXPECT_EQ(shop.find(head_with({"SID=a.blue"})).advised, no_server_id);
}

}  // namespace
}  // namespace hawser::affinity
