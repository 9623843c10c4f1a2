// SPDX-License-Identifier: Apache-2.0
#include "crypto/siphash.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace hawser::crypto {
namespace {

siphash_key counting_key() {
    std::array<std::uint8_t, 16> bytes;
    for (std::uint8_t i = 0; i < 16; ++i) bytes[i] = i;
    return siphash_key(bytes);
}

TEST(siphash128, knows_the_vectors_of_its_authors) {
    // vectors_sip128 of the reference implementation: key 00..0f, text empty, 00, 00 01.
    EXPECT_EQ(siphash128(counting_key(), {}),
              (std::array<std::uint64_t, 2>{0xe6a825ba047f81a3, 0x930255c71472f66d}));
    EXPECT_EQ(siphash128(counting_key(), std::array<std::uint8_t, 1>{0}),
              (std::array<std::uint64_t, 2>{0x44af996bd8c187da, 0x45fc229b11597634}));
    EXPECT_EQ(siphash128(counting_key(), std::array<std::uint8_t, 2>{0, 1}),
              (std::array<std::uint64_t, 2>{0xc75da4a48d227781, 0xe4ff0af6de8ba3fc}));
}

TEST(siphash128, e165_depends_on_the_key) {
    const std::vector<std::uint8_t> text(24, 0x5a);
    EXPECT_NE(siphash128(siphash_key(), text), siphash128(counting_key(), text));
}

}  // namespace
}  // namespace hawser::crypto
