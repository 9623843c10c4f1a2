// SPDX-License-Identifier: Apache-2.0
#include "affinity/fingerprinting.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "affinity/pool.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;

const server_id blue = server_id_of("shop", "blue");

/// A client as it asks.
struct visitor {
    std::string_view address = "192.0.2.77";
    std::string_view agent = "Mozilla/5.0";
    std::string_view listener = "web";
    const tls::facts* secured = nullptr;
};

/// A pool whose cookie has these settings, and the mark that its client keeps.
struct shop {
    explicit shop(cookie::settings given) : all({made<cookie>(std::move(given))}) {}

    finding find(const visitor& who) {
        head_with head;
        head.field("User-Agent", who.agent);
        if (!mark.empty()) head.field("Cookie", mark);
        return all.find(head, who.address, "203.0.113.1", who.secured, who.listener);
    }

    /// A whole request: the client keeps the mark that it is given.
    finding request(const visitor& who, bool is_accepted = false) {
        const auto found = find(who);
        auto home = found.carried.value_or(found.begin(all.now));
        home.home = blue;
        all.lines.clear();
        reply told{.lines = all.lines};
        all.all.answer({.head = answer_with(),
                        .found = found,
                        .home = home,
                        .now = all.now,
                        .is_accepted = is_accepted},
                       told);
        has_new_mark = !all.lines.empty();
        if (has_new_mark) {
            const auto start = all.lines.find(' ') + 1;
            mark = all.lines.substr(start, all.lines.find(';') - start);
        }
        return found;
    }

    pool all;
    std::string mark;
    bool has_new_mark = false;
};

constexpr visitor ann;
constexpr visitor ann_on_the_road{.address = "198.51.100.9"};
constexpr visitor mallory{.address = "203.0.113.66", .agent = "curl/8"};

cookie::settings with(fingerprint_settings print) { return {.print = std::move(print)}; }

std::string doubts(const finding& found) {
    return found.is_doubted() ? std::string(words_of(found.like->doubted)) : std::string();
}

TEST(fingerprint, of_the_same_client_is_the_same) {
    shop one(with({}));
    one.request(ann);
    const auto found = one.request(ann);
    EXPECT_EQ(found.why, cause::none);
    EXPECT_EQ(doubts(found), "");
    EXPECT_FALSE(one.has_new_mark);
}

TEST(fingerprint, a_client_that_changes_its_network_is_the_same_and_gets_a_mark_that_says_so) {
    shop one(with({}));
    one.request(ann);
    EXPECT_EQ(doubts(one.request(ann_on_the_road)), "");
    EXPECT_TRUE(one.has_new_mark);
    EXPECT_EQ(doubts(one.request(ann_on_the_road)), "");
    EXPECT_FALSE(one.has_new_mark);
}

TEST(fingerprint, an_address_of_the_same_network_is_no_change) {
    shop one(with({.ipv4_prefix = 16}));
    one.request(ann);
    one.request({.address = "192.0.200.1"});
    EXPECT_FALSE(one.has_new_mark);
    one.request({.address = "192.1.2.77"});
    EXPECT_TRUE(one.has_new_mark);
}

TEST(fingerprint, of_ipv6_goes_by_a_prefix_of_its_own) {
    shop one(with({.of = {trait::network}, .ipv6_prefix = 32}));
    one.request({.address = "2001:db8:1::1"});
    EXPECT_EQ(doubts(one.find({.address = "2001:db8:ffff::1"})), "");
    EXPECT_EQ(doubts(one.find({.address = "2001:db9::1"})), "network");
}

TEST(fingerprint, another_client_is_doubted_by_all_in_which_it_differs) {
    shop one(with({}));
    one.request(ann);
    const auto found = one.find(mallory);
    EXPECT_EQ(found.why, cause::none);
    EXPECT_EQ(found.invalid, cause::other_client);
    EXPECT_EQ(doubts(found), "network, user-agent");
    EXPECT_FALSE(found.like->is_challenged);
}

TEST(fingerprint, one_trait_is_enough_where_any_may_differ) {
    shop one(with({.differ = differing::any}));
    one.request(ann);
    EXPECT_EQ(doubts(one.find(ann_on_the_road)), "network");
    EXPECT_EQ(doubts(one.find({.agent = "curl/8"})), "user-agent");
}

TEST(fingerprint, tells_of_tls_by_version_cipher_and_certificate) {
    shop one(with({.of = {trait::tls}}));
    const tls::facts shown{.version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256"};
    auto other = shown;
    other.client_fingerprint = "ab";
    one.request({.secured = &shown});
    EXPECT_EQ(doubts(one.find({.secured = &shown})), "");
    EXPECT_EQ(doubts(one.find({.secured = &other})), "tls");
    EXPECT_EQ(doubts(one.find({})), "tls");
}

TEST(fingerprint, a_mark_of_another_client_counts_as_none_where_that_unbinds) {
    shop one(with({.then = suspicion::unbind}));
    const auto first = one.request(ann);
    const auto found = one.find(mallory);
    EXPECT_EQ(found.why, cause::other_client);
    EXPECT_FALSE(found.carried.has_value());
    EXPECT_NE(found.session, first.session);
    EXPECT_EQ(one.find(ann).session, first.session);
}

TEST(fingerprint, a_challenged_client_keeps_its_doubts_until_its_server_accepts_it) {
    shop one(with({.then = suspicion::challenge}));
    one.request(ann);
    EXPECT_TRUE(one.request(mallory).like->is_challenged);
    EXPECT_FALSE(one.has_new_mark);
    one.all.now += 10min;  // its mark is due for renewal, with what it was given with
    EXPECT_TRUE(one.request(mallory).like->is_challenged);
    EXPECT_TRUE(one.has_new_mark);
    EXPECT_EQ(doubts(one.request(mallory)), "network, user-agent");
    one.request(mallory, true);
    EXPECT_TRUE(one.has_new_mark);
    EXPECT_EQ(doubts(one.request(mallory)), "");
    EXPECT_EQ(doubts(one.find(ann)), "network, user-agent");
}

TEST(fingerprint, a_mark_from_before_it_was_wanted_is_valid_and_becomes_one_with_it) {
    shop one(with({.then = suspicion::unbind}));
    shop before({});
    before.request(ann);
    one.mark = before.mark;
    EXPECT_EQ(one.request(mallory).why, cause::none);
    EXPECT_TRUE(one.has_new_mark);
    EXPECT_EQ(one.find(ann).why, cause::other_client);
    shop after({});
    after.mark = one.mark;
    EXPECT_EQ(after.find(ann).why, cause::none) << "and where it is not wanted any more";
}

TEST(fingerprint, a_trait_that_came_to_the_settings_later_says_nothing) {
    shop before(with({.of = {trait::network}}));
    before.request(ann);
    shop one(with({.of = {trait::network, trait::user_agent}}));
    one.mark = before.mark;
    EXPECT_EQ(doubts(one.find(mallory)), "");
}

TEST(fingerprint, a_mark_counts_at_its_own_listener_alone_where_that_is_wanted) {
    shop one({.listeners = listener_rule::own});
    one.request(ann);
    EXPECT_EQ(one.find(ann).why, cause::none);
    const auto found = one.find({.listener = "intranet"});
    EXPECT_EQ(found.why, cause::foreign_listener);
    EXPECT_EQ(found.invalid, cause::foreign_listener);
    shop any({});
    any.mark = one.mark;
    EXPECT_EQ(any.find({.listener = "intranet"}).why, cause::none);
}

}  // namespace
}  // namespace hawser::affinity
