// SPDX-License-Identifier: Apache-2.0
#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "crypto/rings.h"

namespace hawser::tls {
namespace {

constexpr terms_digest terms{1};
constexpr auto day = std::chrono::hours(24);
const wall_time noon{std::chrono::days(20'000) + std::chrono::hours(12)};

/// As one that has no memory of other keys.
std::optional<ticket_keys::key> open(const ticket_keys& keys, const ticket_keys::name& named,
                                     wall_time now, const terms_digest& under = terms) {
    ticket_keys::memo last;
    const auto* const found = keys.open(named, under, now, last);
    return found != nullptr ? std::optional(*found) : std::nullopt;
}

bool are_alike(const ticket_keys::key& one, const ticket_keys::key& other) {
    return std::ranges::equal(one.cipher.bytes(), other.cipher.bytes()) &&
           std::ranges::equal(one.mac.bytes(), other.mac.bytes());
}

bool opens_alike(const ticket_keys& one, const ticket_keys& other, wall_time sealed,
                 wall_time opened) {
    const auto name = one.sealing_at(sealed);
    const auto mine = open(one, name, sealed);
    const auto theirs = open(other, name, opened);
    return mine && theirs && are_alike(*mine, *theirs);
}

TEST(ticket_keys, e123_all_who_have_the_ring_have_the_same_keys) {
    const auto ring = crypto::ring_of({{1, noon - day}});
    EXPECT_TRUE(opens_alike(ticket_keys(ring), ticket_keys(ring), noon, noon));
}

TEST(ticket_keys, e123_keys_change_daily_and_the_two_before_still_open) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    const auto name = keys.sealing_at(noon);
    EXPECT_NE(keys.sealing_at(noon + day), name);
    EXPECT_TRUE(opens_alike(keys, keys, noon, noon + day));
    EXPECT_FALSE(open(keys, name, noon + 2 * day));
}

TEST(ticket_keys, e123_a_ticket_of_other_terms_does_not_open) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    const auto name = keys.sealing_at(noon);
    EXPECT_FALSE(are_alike(*open(keys, name, noon), *open(keys, name, noon, terms_digest{2})));
}

TEST(ticket_keys, a_new_key_of_the_ring_seals_and_the_old_one_opens) {
    const ticket_keys before(crypto::ring_of({{1, noon - day}}));
    const ticket_keys after(crypto::ring_of({{1, noon - day}, {2, noon - std::chrono::hours(1)}}));
    EXPECT_NE(before.sealing_at(noon), after.sealing_at(noon));
    EXPECT_TRUE(opens_alike(before, after, noon, noon));
    EXPECT_FALSE(open(before, after.sealing_at(noon), noon));
}

TEST(ticket_keys, e123_what_is_remembered_is_of_the_same_keys_name_and_terms_and_in_time) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    const ticket_keys others(crypto::ring_of({{1, noon - day}, {2, noon - day}}));
    ticket_keys::memo last;
    const auto name = keys.sealing_at(noon);
    const auto later = keys.sealing_at(noon + day);
    for (int again = 0; again < 2; ++again) {
        EXPECT_TRUE(are_alike(*keys.open(name, terms, noon, last), *open(keys, name, noon)));
        EXPECT_TRUE(are_alike(*keys.open(name, terms, noon, last), *open(keys, name, noon)));
        EXPECT_TRUE(are_alike(*keys.open(name, terms_digest{2}, noon, last),
                              *open(keys, name, noon, terms_digest{2})));
        EXPECT_TRUE(
            are_alike(*keys.open(later, terms, noon + day, last), *open(keys, later, noon + day)));
        EXPECT_NE(others.open(later, terms, noon + day, last), nullptr);
    }
    EXPECT_NE(keys.open(name, terms, noon, last), nullptr);
    EXPECT_EQ(keys.open(name, terms, noon + 2 * day, last), nullptr);
}

TEST(ticket_keys, a_name_of_the_future_does_not_open) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    EXPECT_FALSE(open(keys, keys.sealing_at(noon + day), noon));
    EXPECT_FALSE(open(keys, ticket_keys::name{}, noon));
}

}  // namespace
}  // namespace hawser::tls
