// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "crypto/rings.h"

namespace hawser::crypto {
namespace {

using namespace std::chrono_literals;

TEST(key_ring, seals_with_the_newest_key_whose_time_has_come) {
    const auto ring = ring_of({{3, at(20s)}, {1, at(0s)}, {2, at(10s)}});
    EXPECT_EQ(ring.sealing_at(at(0s)).id, key_id{1});
    EXPECT_EQ(ring.sealing_at(at(9999ms)).id, key_id{1});
    EXPECT_EQ(ring.sealing_at(at(10s)).id, key_id{2});
    EXPECT_EQ(ring.sealing_at(at(1h)).id, key_id{3});
}

TEST(key_ring, seals_with_the_first_key_when_the_clock_is_before_all) {
    EXPECT_EQ(ring_of({{1, at(10s)}, {2, at(20s)}}).sealing_at(at(0s)).id, key_id{1});
}

TEST(key_ring, chooses_the_same_of_two_keys_of_one_time_in_any_order_of_lines) {
    const auto one = ring_of({{1, at(0s)}, {2, at(0s)}});
    const auto other = ring_of({{2, at(0s)}, {1, at(0s)}});
    EXPECT_EQ(one.sealing_at(at(1s)).id, other.sealing_at(at(1s)).id);
}

TEST(key_ring, derives_index_keys_that_rotation_does_not_change) {
    const auto before = ring_of({{1, at(0s)}}).index<16>("hashes");
    const auto after = ring_of({{1, at(0s)}, {2, at(10s)}}).index<16>("hashes");
    const auto other = ring_of({{1, at(0s)}}).index<16>("names");
    EXPECT_TRUE(std::ranges::equal(before.bytes(), after.bytes()));
    EXPECT_FALSE(std::ranges::equal(before.bytes(), other.bytes()));
}

TEST(key_ring, shows_ids_as_eight_hex_digits) {
    EXPECT_EQ(text_of(key_id{0x1f}), "0000001f");
    EXPECT_EQ(text_of(key_id{0xfedcba98}), "fedcba98");
}

}  // namespace
}  // namespace hawser::crypto
