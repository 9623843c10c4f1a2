// SPDX-License-Identifier: Apache-2.0
#include "affinity/cookie.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "affinity/heads.h"
#include "base/hash.h"
#include "crypto/rings.h"
#include "http/cookie.h"
#include "io/ip_address.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;
using crypto::at;
using crypto::ring_of;
using settings = cookie::settings;

const server_id blue = server_id_of("shop", "blue");
const server_id green = server_id_of("shop", "green");

/// One worker of a node with the cookie of one pool, and one client connection.
struct worker {
    explicit worker(settings given = {}, const crypto::key_ring& ring = ring_of({{1, at(0s)}}),
                    const std::string& pool = "shop", bool tls = false)
        : worker(given, {.pool = pool, .tls = tls, .with = std::make_shared<issuer>(ring)}) {}
    worker(const settings& given, const context& made_for)
        : affinity(*new cookie(given, made_for)),
          all(links_of(affinity), made_for),
          name(cookie::name_in(given, made_for.pool, made_for.tls)) {}

    static chain::links links_of(cookie& one) {
        chain::links all;
        all.emplace_back(&one);
        return all;
    }

    /// `NAME=value` for a session of `home` that began and was told at `now`.
    std::string mark(server_id home, wall_time now) { return mark_of(find({}, now), home, now); }
    std::string mark_of(const finding& found, server_id home, wall_time now) {
        auto bound = found.carried.value_or(found.begin(now));
        bound.home = home;
        std::string line;
        EXPECT_TRUE(give(found, bound, now, line));
        const auto start = line.find(name);
        return line.substr(start, line.find(';') - start);
    }
    bool give(const finding& found, const binding& home, wall_time now, std::string& lines,
              std::initializer_list<std::string_view> set_cookies = {}) {
        reply told{.lines = lines};
        all.answer({.head = answer_with(set_cookies), .found = found, .home = home, .now = now},
                   told);
        EXPECT_TRUE(told.learned.empty());
        return told.carries_mark;
    }
    finding find(std::initializer_list<std::string_view> cookies, wall_time now) {
        return find(cookies, now, memo);
    }
    finding find(std::initializer_list<std::string_view> cookies, wall_time now, token_memo& with) {
        const head_with head(cookies);
        const io::ip_address nobody;
        finding found;
        all.find({.head = head,
                  .client = nobody,
                  .server = nobody,
                  .secured = nullptr,
                  .now = now,
                  .memo = with},
                 registry, found);
        return found;
    }
    cause why(std::initializer_list<std::string_view> cookies, wall_time now) {
        const auto found = find(cookies, now);
        EXPECT_EQ(found.carried.has_value(), found.why == cause::none);
        EXPECT_FALSE(found.key.empty());
        return found.why;
    }

    cookie& affinity;  ///< of the chain
    chain all;
    std::string name;
    token_memo memo;
    told registry;
};

TEST(cookie, begins_a_session_when_there_is_none) {
    worker one;
    const auto first = one.find({}, at(0s));
    const auto second = one.find({"theme=dark"}, at(0s));
    EXPECT_EQ(first.why, cause::no_key);
    EXPECT_EQ(second.why, cause::no_key);
    EXPECT_NE(first.session, second.session);
    EXPECT_NE(first.key, second.key);
    EXPECT_EQ(first.begin(at(5s)).born, seconds_of(at(5s)));
    EXPECT_EQ(first.begin(at(5s)).session, first.session);
}

TEST(cookie, finds_the_session_that_it_gave) {
    worker one;
    const auto began = one.find({}, at(0s));
    const auto mark = one.mark_of(began, blue, at(0s));
    const auto found = one.find({mark}, at(10s));
    ASSERT_TRUE(found.carried);
    EXPECT_EQ(found.why, cause::none);
    EXPECT_EQ(found.carried->home, blue);
    EXPECT_EQ(found.carried->moves, 0);
    EXPECT_EQ(found.session, began.session);
    EXPECT_EQ(found.key, began.key);
}

TEST(cookie, finds_the_session_on_another_node_that_has_the_keys) {
    worker here;
    worker there;
    const auto mark = here.mark(blue, at(0s));
    EXPECT_EQ(there.find({mark}, at(1s)).carried->home, blue);
    EXPECT_EQ(there.find({mark}, at(1s)).key, here.find({mark}, at(1s)).key);
}

TEST(cookie, keeps_sessions_while_keys_rotate) {
    worker before({}, ring_of({{1, at(0s)}}));
    worker between({}, ring_of({{1, at(0s)}, {2, at(60s)}}));
    worker after({}, ring_of({{2, at(60s)}}));
    const auto first = before.mark(blue, at(0s));
    const auto found = between.find({first}, at(400s));
    ASSERT_TRUE(found.carried);
    // Renewed under the new key by then, so the old one may leave the ring.
    const auto second = between.mark_of(found, blue, at(400s));
    EXPECT_EQ(after.find({second}, at(500s)).key, before.find({first}, at(1s)).key);
    EXPECT_EQ(after.why({first}, at(500s)), cause::foreign);
}

TEST(cookie, e150_finds_the_exact_name_at_any_place) {
    worker one;
    const auto mark = one.mark(blue, at(0s));
    std::string hundred;
    for (int i = 0; i < 100; ++i) hundred += "c" + std::to_string(i) + "=v; ";
    EXPECT_EQ(one.why({hundred + mark}, at(1s)), cause::none);
    EXPECT_EQ(one.why({hundred + mark + "; " + hundred}, at(1s)), cause::none);
    EXPECT_EQ(one.why({"a=b", mark}, at(1s)), cause::none);
    EXPECT_EQ(one.why({"a=b;" + mark + ";c=d"}, at(1s)), cause::none);
    EXPECT_EQ(one.why({"a=b;\t" + mark + "\t; ;; c"}, at(1s)), cause::none);
    EXPECT_EQ(one.why({"x" + mark}, at(1s)), cause::no_key);
    EXPECT_EQ(one.why({"x=" + mark}, at(1s)), cause::no_key);
    EXPECT_EQ(one.why({one.name + "x" + mark.substr(one.name.size())}, at(1s)), cause::no_key);
    EXPECT_EQ(one.why({"HAWSER" + mark.substr(6)}, at(1s)), cause::no_key);
}

TEST(cookie, e151_is_neither_hidden_nor_brought_forth_by_quotes) {
    worker one;
    const auto mark = one.mark(blue, at(0s));
    const auto value = mark.substr(one.name.size() + 1);
    EXPECT_EQ(one.why({"a=\"b; " + mark + "; c=d\""}, at(1s)), cause::none);
    EXPECT_EQ(one.why({one.name + "=\"" + value + "\""}, at(1s)), cause::none);
}

TEST(cookie, e152_is_stripped_from_what_the_server_sees_unless_it_is_forwarded) {
    worker one;
    EXPECT_EQ(one.all.hidden_cookie(), one.name);
    worker forwarding({.forward = true});
    EXPECT_EQ(forwarding.all.hidden_cookie(), "");

    const auto value = "a=b; " + one.mark(blue, at(0s)) + "; c=\"d\"; " + one.name + "=x";
    std::string room(value.size(), ' ');
    EXPECT_EQ(http::strip_cookie(one.all.hidden_cookie(), value, room), "a=b; c=\"d\"");
}

TEST(cookie, e153_takes_the_first_copy_that_verifies) {
    worker one;
    const auto blues = one.mark(blue, at(0s));
    const auto greens = one.mark(green, at(0s));
    const auto forged = one.name + "=nonsense";
    EXPECT_EQ(one.find({blues + "; " + greens}, at(1s)).carried->home, blue);
    EXPECT_EQ(one.find({forged + "; " + greens + "; " + blues}, at(1s)).carried->home, green);
    EXPECT_EQ(one.find({forged, forged, greens}, at(1s)).carried->home, green);
}

TEST(cookie, e153_looks_at_a_bounded_number_of_copies) {
    worker one;
    std::string copies;
    for (int i = 0; i < 3; ++i) copies += one.name + "=nonsense; ";
    const auto mark = one.mark(blue, at(0s));
    EXPECT_EQ(one.why({copies + mark}, at(1s)), cause::none);
    EXPECT_EQ(one.why({copies + one.name + "=nonsense; " + mark}, at(1s)), cause::forged);
}

TEST(cookie, e154_a_mark_that_does_not_verify_begins_a_session_with_its_cause) {
    worker one;
    const auto mark = one.mark(blue, at(0s));
    worker elsewhere({}, ring_of({{9, at(0s)}}));
    worker blog({.name = one.name}, ring_of({{1, at(0s)}}), "blog");
    auto changed = mark;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';

    EXPECT_EQ(one.why({changed}, at(1s)), cause::forged);
    EXPECT_EQ(one.why({mark.substr(0, mark.size() - 4)}, at(1s)), cause::forged);
    EXPECT_EQ(one.why({one.name + "="}, at(1s)), cause::forged);
    EXPECT_EQ(one.why({one.name + "=" + std::string(1025, 'A')}, at(1s)), cause::forged);
    EXPECT_EQ(one.why({one.name + "=" + std::string(30000, 'A')}, at(1s)), cause::forged);
    EXPECT_EQ(one.why({elsewhere.mark(blue, at(0s))}, at(1s)), cause::foreign);
    EXPECT_EQ(one.why({blog.mark(blue, at(0s))}, at(1s)), cause::foreign);
}

TEST(cookie, e154_the_cause_is_of_the_copy_that_came_closest) {
    worker one({.ttl = 60s});
    const auto expired = one.mark(blue, at(0s));
    const auto forged = one.name + "=nonsense";
    worker elsewhere({}, ring_of({{9, at(0s)}}));
    const auto foreign = elsewhere.mark(blue, at(0s));
    EXPECT_EQ(one.why({foreign + "; " + expired + "; " + forged}, at(1h)), cause::expired);
    EXPECT_EQ(one.why({foreign + "; " + forged}, at(1h)), cause::foreign);
}

TEST(cookie, e154_an_idle_session_expires_after_its_ttl) {
    worker one({.ttl = 60s});
    const auto mark = one.mark(blue, at(0s));
    EXPECT_EQ(one.why({mark}, at(60s)), cause::none);
    EXPECT_EQ(one.why({mark}, at(61s)), cause::expired);
}

TEST(cookie, e154_any_session_expires_after_its_absolute_limit) {
    worker one({.ttl = 60s, .absolute = 100s});
    auto found = one.find({one.mark(blue, at(0s))}, at(50s));
    ASSERT_TRUE(found.carried);
    found = one.find({one.mark_of(found, blue, at(50s))}, at(100s));
    ASSERT_TRUE(found.carried);
    const auto last = one.mark_of(found, blue, at(100s));
    EXPECT_EQ(one.why({last}, at(100s)), cause::none);
    EXPECT_EQ(one.why({last}, at(101s)), cause::expired);
}

TEST(cookie, takes_a_clock_that_is_a_minute_ahead_for_skew_and_more_for_forgery) {
    worker ahead;
    worker one;
    EXPECT_EQ(one.why({ahead.mark(blue, at(60s))}, at(0s)), cause::none);
    EXPECT_EQ(one.why({ahead.mark(blue, at(61s))}, at(0s)), cause::forged);
}

TEST(cookie, names_the_session_of_an_idle_token_in_case_it_is_busy) {
    worker one({.ttl = 60s, .absolute = 300s});
    const auto began = one.find({}, at(0s));
    const auto mark = one.mark_of(began, blue, at(0s));
    auto found = one.find({mark}, at(90s));
    EXPECT_EQ(found.why, cause::expired);
    ASSERT_TRUE(found.lapsed);
    EXPECT_EQ(*found.lapsed, began.key);
    EXPECT_NE(found.key, began.key);
    one.registry.know(began.key, {.home = blue, .is_busy = true});
    found = one.find({mark}, at(90s));
    EXPECT_EQ(found.key, began.key);
    EXPECT_EQ(found.why, cause::none);
    EXPECT_FALSE(one.find({mark}, at(400s)).lapsed) << "past the absolute limit nothing goes on";
    EXPECT_FALSE(one.find({one.name + "=x"}, at(90s)).lapsed);
}

TEST(cookie, e155_decides_for_each_request_of_a_connection) {
    worker one;
    const auto blues = one.mark(blue, at(0s));
    const auto greens = one.mark(green, at(0s));
    EXPECT_EQ(one.find({blues}, at(1s)).carried->home, blue);
    EXPECT_EQ(one.find({greens}, at(1s)).carried->home, green);
    EXPECT_EQ(one.why({}, at(1s)), cause::no_key);
    EXPECT_EQ(one.find({blues}, at(1s)).carried->home, blue);
}

TEST(cookie, remembers_a_token_but_not_that_it_was_in_time) {
    worker one({.ttl = 60s});
    const auto mark = one.mark(blue, at(0s));
    EXPECT_EQ(one.why({mark}, at(1s)), cause::none);
    EXPECT_EQ(one.why({mark}, at(2s)), cause::none);
    EXPECT_EQ(one.why({mark}, at(61s)), cause::expired);
}

TEST(cookie, believes_no_token_that_another_pool_has_verified_on_the_connection) {
    worker shop({.name = "affinity"});
    worker blog({.name = "affinity"}, ring_of({{1, at(0s)}}), "blog");
    const auto mark = shop.mark(blue, at(0s));
    token_memo memo;
    EXPECT_TRUE(shop.find({mark}, at(1s), memo).carried);
    EXPECT_EQ(blog.find({mark}, at(1s), memo).why, cause::foreign);
}

TEST(cookie, e156_is_one_line_with_safe_attributes) {
    worker one;
    std::string line;
    const auto found = one.find({}, at(0s));
    auto home = found.begin(at(0s));
    home.home = blue;
    ASSERT_TRUE(one.give(found, home, at(0s), line));
    EXPECT_TRUE(line.starts_with("Set-Cookie: " + one.name + "="));
    EXPECT_TRUE(line.ends_with("; Path=/; HttpOnly; SameSite=Lax\r\n"));
    EXPECT_EQ(line.find("Domain"), line.npos);
    EXPECT_EQ(line.find("\r\n"), line.size() - 2);
}

TEST(cookie, e156_is_secure_and_bound_to_the_host_on_tls) {
    worker one({.same_site = same_site_rule::none}, ring_of({{1, at(0s)}}), "shop", true);
    EXPECT_TRUE(one.name.starts_with("__Host-hawser-"));
    std::string line;
    const auto found = one.find({}, at(0s));
    auto home = found.begin(at(0s));
    home.home = blue;
    ASSERT_TRUE(one.give(found, home, at(0s), line));
    EXPECT_TRUE(line.starts_with("Set-Cookie: __Host-hawser-"));
    EXPECT_NE(line.find("; Path=/"), line.npos);
    EXPECT_NE(line.find("; Secure"), line.npos);
    EXPECT_NE(line.find("; HttpOnly"), line.npos);
    EXPECT_NE(line.find("; SameSite=None"), line.npos);
}

TEST(cookie, e156_only_the_name_of_the_listener_is_read) {
    worker plain;
    worker tls({}, ring_of({{1, at(0s)}}), "shop", true);
    EXPECT_EQ(tls.why({plain.mark(blue, at(0s))}, at(1s)), cause::no_key);
    EXPECT_EQ(plain.why({tls.mark(blue, at(0s))}, at(1s)), cause::no_key);
}

TEST(cookie, e156_same_site_none_without_secure_is_a_configuration_error) {
    const settings none{.same_site = same_site_rule::none};
    EXPECT_NE(cookie::wrong(none, false), "");
    EXPECT_EQ(cookie::wrong(none, true), "");
    EXPECT_EQ(
        cookie::wrong({.same_site = same_site_rule::none, .secure = secure_when::always}, false),
        "");
    EXPECT_EQ(cookie::wrong({}, false), "");
}

TEST(cookie, e156_is_given_only_when_it_changes) {
    worker one;
    const auto found = one.find({one.mark(blue, at(0s))}, at(10s));
    std::string lines;
    EXPECT_FALSE(one.give(found, *found.carried, at(10s), lines));
    EXPECT_EQ(lines, "");

    auto moved = *found.carried;
    moved.home = green;
    ++moved.moves;
    EXPECT_TRUE(one.give(found, moved, at(10s), lines));
    auto other_instance = *found.carried;
    other_instance.instance = 77;
    EXPECT_TRUE(one.give(found, other_instance, at(10s), lines));
    auto there_and_back = *found.carried;
    there_and_back.moves = 2;
    EXPECT_TRUE(one.give(found, there_and_back, at(10s), lines));
}

TEST(cookie, is_not_given_for_a_binding_that_was_told_meanwhile) {
    worker one;
    const auto found = one.find({one.mark(blue, at(0s))}, at(10s));
    auto later = *found.carried;
    later.issued += 9;
    std::string lines;
    EXPECT_FALSE(one.give(found, later, at(10s), lines));
}

TEST(cookie, is_renewed_at_most_every_tenth_of_its_ttl) {
    worker one({.ttl = 100s});
    const auto mark = one.mark(blue, at(0s));
    std::string lines;
    const auto early = one.find({mark}, at(9s));
    EXPECT_FALSE(one.give(early, *early.carried, at(9s), lines));
    const auto due = one.find({mark}, at(10s));
    EXPECT_TRUE(one.give(due, *due.carried, at(10s), lines));

    const auto renewed = one.mark_of(due, blue, at(10s));
    const auto again = one.find({renewed}, at(19s));
    ASSERT_TRUE(again.carried);
    EXPECT_EQ(again.carried->issued, seconds_of(at(10s)));
    EXPECT_EQ(again.carried->born, seconds_of(at(0s)));
    EXPECT_FALSE(one.give(again, *again.carried, at(19s), lines));
}

TEST(cookie, e158_is_given_again_when_the_server_sets_one_of_its_name) {
    worker one;
    const auto found = one.find({one.mark(blue, at(0s))}, at(1s));
    std::string lines;
    ASSERT_FALSE(one.give(found, *found.carried, at(1s), lines));
    ASSERT_TRUE(one.give(found, *found.carried, at(1s), lines, {"a=b", one.name + "=theirs"}));
    const auto start = lines.find(one.name);
    const auto mark = lines.substr(start, lines.find(';') - start);
    EXPECT_EQ(one.find({mark}, at(2s)).carried->home, blue);
}

TEST(cookie, e158_sees_its_name_in_set_cookie_as_browsers_do) {
    worker one({.name = "SRV"});
    const auto sees = [&](std::string_view value) {
        return one.affinity.is_overwritten_by(answer_with({value}));
    };
    EXPECT_TRUE(sees("SRV=a; Path=/"));
    EXPECT_TRUE(sees(" SRV =; Max-Age=0"));
    EXPECT_TRUE(sees("SRV"));
    EXPECT_FALSE(sees("SRVX=a"));
    EXPECT_FALSE(sees("srv=a"));
    EXPECT_FALSE(sees("a=SRV"));
    EXPECT_FALSE(sees("a; SRV=b"));
    EXPECT_FALSE(sees(""));
    EXPECT_FALSE(sees(" "));
}

TEST(cookie, e158_appends_to_what_the_server_set) {
    worker one;
    std::string lines = "Set-Cookie: " + one.name + "=theirs\r\n";
    const auto found = one.find({}, at(0s));
    auto home = found.begin(at(0s));
    home.home = blue;
    ASSERT_TRUE(one.give(found, home, at(0s), lines));
    EXPECT_TRUE(lines.starts_with("Set-Cookie: " + one.name + "=theirs\r\nSet-Cookie: "));
}

TEST(cookie, is_called_by_a_hash_of_its_pool_unless_it_has_a_name) {
    EXPECT_TRUE(cookie::name_in({}, "shop", false).starts_with("hawser-"));
    EXPECT_EQ(cookie::name_in({}, "shop", false).size(), 15u);
    EXPECT_NE(cookie::name_in({}, "shop", false), cookie::name_in({}, "blog", false));
    EXPECT_EQ(cookie::name_in({.name = "SRV"}, "shop", false), "SRV");
    EXPECT_EQ(cookie::name_in({.name = "SRV"}, "shop", true), "__Host-SRV");
    EXPECT_EQ(cookie::name_in({.name = "SRV", .secure = secure_when::always}, "shop", false),
              "__Host-SRV");
}

TEST(cookie, tells_its_limits_to_the_registry) {
    worker one({.ttl = 60s, .absolute = 100s});
    EXPECT_EQ(one.all.lasts().idle, 60s);
    EXPECT_EQ(one.all.lasts().absolute, 100s);
}

}  // namespace
}  // namespace hawser::affinity
