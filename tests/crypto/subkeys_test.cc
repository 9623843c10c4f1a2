// SPDX-License-Identifier: Apache-2.0
#include "crypto/subkeys.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace hawser::crypto {
namespace {

salt salt_with(std::uint8_t group, std::uint8_t number) {
    salt made{};
    made[0] = group;
    made[15] = number;
    return made;
}

TEST(subkeys, finds_what_it_keeps_by_key_and_salt) {
    subkeys kept;
    EXPECT_EQ(kept.find(key_id{1}, salt_with(0, 0)), nullptr);
    kept.keep(key_id{1}, salt_with(0, 0), aes_gcm());
    EXPECT_NE(kept.find(key_id{1}, salt_with(0, 0)), nullptr);
    EXPECT_EQ(kept.find(key_id{2}, salt_with(0, 0)), nullptr);
    EXPECT_EQ(kept.find(key_id{1}, salt_with(0, 1)), nullptr);
}

TEST(subkeys, lets_the_least_lately_used_go) {
    subkeys kept;
    for (std::uint8_t i = 0; i < 4; ++i) kept.keep(key_id{1}, salt_with(5, i), aes_gcm());
    ASSERT_NE(kept.find(key_id{1}, salt_with(5, 0)), nullptr);
    kept.keep(key_id{1}, salt_with(5, 4), aes_gcm());
    EXPECT_NE(kept.find(key_id{1}, salt_with(5, 0)), nullptr);
    EXPECT_EQ(kept.find(key_id{1}, salt_with(5, 1)), nullptr);
    EXPECT_NE(kept.find(key_id{1}, salt_with(5, 4)), nullptr);
}

TEST(subkeys, never_holds_more_than_its_bound) {
    subkeys kept;
    for (unsigned i = 0; i < 5000; ++i) {
        kept.keep(key_id{i}, salt_with(static_cast<std::uint8_t>(i), 0), aes_gcm());
    }
    EXPECT_EQ(kept.size(), limits::subkeys_max);
}

}  // namespace
}  // namespace hawser::crypto
