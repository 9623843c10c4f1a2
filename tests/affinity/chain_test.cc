// SPDX-License-Identifier: Apache-2.0
#include "affinity/chain.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "affinity/cookie.h"
#include "affinity/heads.h"
#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;
using crypto::at;

const server_id blue = server_id_of("shop", "blue");

TEST(chain, without_any_key_a_session_begins_that_only_a_mark_could_name) {
    pool with_cookie({choice("cookie")});
    EXPECT_FALSE(with_cookie.find(head_with()).key.empty());

    pool without({made<header>({.name = "X-Session"})});
    const auto found = without.find(head_with());
    EXPECT_TRUE(found.key.empty());
    EXPECT_EQ(found.why, cause::no_key);
    EXPECT_NE(found.session, without.find(head_with()).session);
}

TEST(chain, a_key_that_nobody_knows_begins_a_session_under_it) {
    pool shop({made<header>({.name = "X-Session"})});
    const auto found = shop.find(head_with().field("X-Session", "ann"));
    EXPECT_FALSE(found.key.empty());
    EXPECT_EQ(found.why, cause::unknown_key);
    EXPECT_EQ(found.key, shop.find(head_with().field("X-Session", "ann")).key);
    EXPECT_NE(found.key, shop.find(head_with().field("X-Session", "bob")).key);
}

TEST(chain, a_known_key_finds_its_session) {
    pool shop({made<header>({.name = "X-Session"})});
    shop.registry.know(shop.find(head_with().field("X-Session", "ann")).key);
    const auto found = shop.find(head_with().field("X-Session", "ann"));
    EXPECT_EQ(found.why, cause::none);
    EXPECT_TRUE(found.others.empty());
}

TEST(chain, what_a_client_carries_of_an_ended_session_names_none) {
    pool shop({choice("cookie")});
    const auto given = shop.mark(blue);
    const auto before = shop.find(head_with({given}));
    ASSERT_EQ(before.why, cause::none);
    shop.registry.end(before.session);
    const auto found = shop.find(head_with({given}));
    EXPECT_EQ(found.why, cause::ended);
    EXPECT_EQ(found.invalid, cause::ended);
    EXPECT_EQ(found.invalid_for, "cookie");
    EXPECT_NE(found.session, before.session);
    EXPECT_NE(found.key, before.key);
    EXPECT_EQ(found.brought(), nullptr);
}

TEST(chain, the_first_key_that_is_known_leads_and_the_others_follow) {
    pool shop({made<header>({.name = "X-User"}), made<query>({.name = "sid"})});
    const auto by_query = shop.find(head_with().target("/", "sid=1")).key;
    shop.registry.know(by_query);
    const auto found = shop.find(head_with().target("/", "sid=1").field("X-User", "ann"));
    EXPECT_EQ(found.key, by_query);
    EXPECT_EQ(found.why, cause::none);
    ASSERT_EQ(found.others.all().size(), 1u);
    EXPECT_EQ(found.others.all()[0], shop.find(head_with().field("X-User", "ann")).key);
}

TEST(chain, of_two_known_keys_the_first_one_leads) {
    pool shop({made<header>({.name = "X-User"}), made<query>({.name = "sid"})});
    const auto ann = shop.find(head_with().field("X-User", "ann")).key;
    shop.registry.know(ann);
    shop.registry.know(shop.find(head_with().target("/", "sid=1")).key);
    EXPECT_EQ(shop.find(head_with().target("/", "sid=1").field("X-User", "ann")).key, ann);
}

TEST(chain, of_unknown_keys_the_first_one_names_the_new_session) {
    pool shop({made<header>({.name = "X-User"}), made<query>({.name = "sid"})});
    const auto found = shop.find(head_with().target("/", "sid=1").field("X-User", "ann"));
    EXPECT_EQ(found.key, shop.find(head_with().field("X-User", "ann")).key);
    EXPECT_EQ(found.why, cause::unknown_key);
    EXPECT_EQ(found.others.all().size(), 1u);
}

TEST(chain, a_binding_that_the_client_carries_leads_before_keys_that_nobody_knows) {
    pool shop({made<header>({.name = "X-User"}), choice("cookie")});
    const auto mark = shop.mark(blue);
    const auto found = shop.find(head_with({mark}).field("X-User", "ann"));
    ASSERT_NE(found.brought(), nullptr);
    EXPECT_EQ(found.brought()->home, blue);
    EXPECT_EQ(found.others.all().size(), 1u);
}

TEST(chain, a_known_key_before_the_cookie_leads_and_the_cookies_binding_is_not_its) {
    pool shop({made<header>({.name = "X-User"}), choice("cookie")});
    const auto mark = shop.mark(blue);
    shop.registry.know(shop.find(head_with().field("X-User", "ann")).key);
    const auto found = shop.find(head_with({mark}).field("X-User", "ann"));
    EXPECT_EQ(found.brought(), nullptr);
    EXPECT_TRUE(found.carried) << "so that the client is given the other session's mark";
    EXPECT_NE(found.session, found.carried->session);
}

TEST(chain, the_key_of_a_crowd_names_a_session_where_nothing_else_does) {
    pool shop({choice("source-address")});
    const auto found = shop.find(head_with(), "192.0.2.1");
    EXPECT_EQ(found.why, cause::unknown_key);
    shop.registry.know(found.key, {.home = blue});
    EXPECT_EQ(shop.find(head_with(), "192.0.2.1").why, cause::none);
    EXPECT_EQ(shop.find(head_with(), "192.0.2.2").why, cause::unknown_key);
}

TEST(chain, two_clients_behind_one_address_are_two_sessions_with_one_home) {
    pool shop({choice("cookie"), choice("source-address")});
    const auto ann = shop.find(head_with(), "192.0.2.1");
    ASSERT_EQ(ann.others.all().size(), 1u);
    EXPECT_EQ(ann.advised, no_server_id);
    shop.registry.know(ann.others.all()[0], {.home = blue});

    const auto bob = shop.find(head_with(), "192.0.2.1");
    EXPECT_NE(bob.key, ann.key);
    EXPECT_NE(bob.session, ann.session);
    EXPECT_EQ(bob.advised, blue);
    EXPECT_TRUE(bob.others.empty());
    EXPECT_EQ(shop.find(head_with(), "192.0.2.2").advised, no_server_id);
}

TEST(chain, who_has_a_session_is_not_asked_where_it_comes_from) {
    pool shop({choice("source-address"), choice("cookie")});
    const auto mark = shop.mark(blue);
    const auto found = shop.find(head_with({mark}), "192.0.2.1");
    EXPECT_EQ(found.brought()->home, blue);
    EXPECT_EQ(found.advised, no_server_id);
    EXPECT_TRUE(found.others.empty());
}

TEST(chain, a_missing_key_may_refuse_the_request) {
    pool shop({made<header>({.name = "X-Session", .missing = if_missing::refuse})});
    EXPECT_TRUE(shop.find(head_with()).is_refused);
    EXPECT_TRUE(shop.find(head_with().field("X-Session", "")).is_refused);
    EXPECT_FALSE(shop.find(head_with().field("X-Session", "ann")).is_refused);
}

TEST(chain, a_missing_key_refuses_nobody_whom_an_affinity_before_it_knows) {
    pool shop({choice("cookie"), made<header>({.name = "X", .missing = if_missing::refuse})});
    EXPECT_TRUE(shop.find(head_with()).is_refused);
    EXPECT_FALSE(shop.find(head_with({shop.mark(blue)})).is_refused);
}

TEST(chain, a_missing_key_may_begin_a_session_whatever_else_is_shown) {
    pool shop({made<header>({.name = "X-Session", .missing = if_missing::fresh}),
               made<query>({.name = "sid"})});
    EXPECT_TRUE(shop.find(head_with().target("/", "sid=1")).key.empty());
    pool goes_on({made<header>({.name = "X-Session"}), made<query>({.name = "sid"})});
    EXPECT_FALSE(goes_on.find(head_with().target("/", "sid=1")).key.empty());
}

TEST(chain, tells_which_affinity_met_what_it_could_not_use) {
    pool shop({choice("cookie"), made<header>({.name = "X-Session"})});
    const auto found =
        shop.find(head_with({shop.cookie_name() + "=forged"}).field("X-Session", "a"));
    EXPECT_EQ(found.invalid, cause::forged);
    EXPECT_EQ(found.invalid_for, "cookie");
    EXPECT_EQ(found.why, cause::forged);

    shop.registry.know(found.key);
    const auto known =
        shop.find(head_with({shop.cookie_name() + "=forged"}).field("X-Session", "a"));
    EXPECT_EQ(known.why, cause::none) << "a session that is known is none the less known";
    EXPECT_EQ(known.invalid, cause::forged);
}

TEST(chain, keys_say_nothing_of_what_they_were_made_of_to_a_node_with_other_secrets) {
    pool here({made<query>({.name = "sid"})});
    pool there({made<query>({.name = "sid"})}, crypto::ring_of({{1, at(0s)}}), "blog");
    EXPECT_NE(here.find(head_with().target("/", "sid=1")).key,
              there.find(head_with().target("/", "sid=1")).key);
}

}  // namespace
}  // namespace hawser::affinity
