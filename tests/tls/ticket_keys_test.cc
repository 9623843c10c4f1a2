// SPDX-License-Identifier: Apache-2.0
#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/rings.h"

namespace hawser::tls {
namespace {

constexpr terms_digest terms{1};
constexpr auto day = std::chrono::hours(24);
const wall_time noon{std::chrono::days(20'000) + std::chrono::hours(12)};

bool opens_alike(const ticket_keys& one, const ticket_keys& other, wall_time sealed,
                 wall_time opened) {
    const auto name = one.sealing_at(sealed);
    const auto mine = one.open(name, terms, sealed);
    const auto theirs = other.open(name, terms, opened);
    return mine && theirs && std::ranges::equal(mine->cipher.bytes(), theirs->cipher.bytes()) &&
           std::ranges::equal(mine->mac.bytes(), theirs->mac.bytes());
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
    EXPECT_FALSE(keys.open(name, terms, noon + 2 * day));
}

TEST(ticket_keys, e123_a_ticket_of_other_terms_does_not_open) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    const auto name = keys.sealing_at(noon);
    const auto mine = keys.open(name, terms, noon);
    const auto other = keys.open(name, terms_digest{2}, noon);
    EXPECT_FALSE(std::ranges::equal(mine->mac.bytes(), other->mac.bytes()));
}

TEST(ticket_keys, a_new_key_of_the_ring_seals_and_the_old_one_opens) {
    const ticket_keys before(crypto::ring_of({{1, noon - day}}));
    const ticket_keys after(crypto::ring_of({{1, noon - day}, {2, noon - std::chrono::hours(1)}}));
    EXPECT_NE(before.sealing_at(noon), after.sealing_at(noon));
    EXPECT_TRUE(opens_alike(before, after, noon, noon));
    EXPECT_FALSE(before.open(after.sealing_at(noon), terms, noon));
}

TEST(ticket_keys, a_name_of_the_future_does_not_open) {
    const ticket_keys keys(crypto::ring_of({{1, noon - day}}));
    EXPECT_FALSE(keys.open(keys.sealing_at(noon + day), terms, noon));
    EXPECT_FALSE(keys.open(ticket_keys::name{}, terms, noon));
}

}  // namespace
}  // namespace hawser::tls
