// SPDX-License-Identifier: Apache-2.0
#include "crypto/hkdf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace hawser::crypto {
namespace {

using bytes = std::vector<std::uint8_t>;

template <std::size_t Size>
bytes copy_of(const secret<Size>& some) {
    return {some.bytes().begin(), some.bytes().end()};
}

TEST(hkdf, knows_test_case_1_of_rfc_5869) {
    const bytes key(22, 0x0b);
    bytes salt(13);
    std::iota(salt.begin(), salt.end(), std::uint8_t{0});
    bytes out(42);
    hkdf(key, salt, "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", out);
    EXPECT_EQ(out, (bytes{0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f,
                          0x64, 0xd0, 0x36, 0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a,
                          0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf, 0x34,
                          0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65}));
}

TEST(hkdf, knows_test_case_3_of_rfc_5869_without_salt_and_label) {
    const bytes key(22, 0x0b);
    bytes out(42);
    hkdf(key, {}, "", out);
    EXPECT_EQ(out, (bytes{0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80,
                          0x2a, 0x06, 0x3c, 0x5a, 0x31, 0xb8, 0xa1, 0x1f, 0x5c, 0x5e, 0xe1,
                          0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f, 0x3c, 0x73, 0x8d, 0x2d, 0x9d,
                          0x20, 0x13, 0x95, 0xfa, 0xa4, 0xb6, 0x1a, 0x96, 0xc8}));
}

TEST(hkdf, gives_each_label_and_each_salt_a_key_of_its_own) {
    const bytes key(32, 7);
    const bytes salt(16, 1);
    const bytes other_salt(16, 2);
    const auto one = copy_of(derive<32>(key, salt, "cookie"));
    EXPECT_EQ(one, copy_of(derive<32>(key, salt, "cookie")));
    EXPECT_NE(one, copy_of(derive<32>(key, salt, "ticket")));
    EXPECT_NE(one, copy_of(derive<32>(key, other_salt, "cookie")));
}

}  // namespace
}  // namespace hawser::crypto
