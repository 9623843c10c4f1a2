// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "crypto/secret_text.h"

namespace hawser::crypto {
namespace {

TEST(secret, is_wiped_when_it_ends) {
    alignas(secret<32>) std::array<std::byte, sizeof(secret<32>)> memory;
    std::array<std::uint8_t, 32> key;
    key.fill(0x5a);
    auto* const held = std::construct_at(reinterpret_cast<secret<32>*>(memory.data()),
                                         std::span<const std::uint8_t, 32>(key));
    EXPECT_EQ(std::ranges::count(memory, std::byte{0x5a}), 32);
    std::destroy_at(held);
    EXPECT_EQ(std::ranges::count(memory, std::byte{0x5a}), 0);
}

TEST(secret_text, keeps_its_text_while_it_grows) {
    secret_text text;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        text.append("some more of it, ");
        expected += "some more of it, ";
    }
    EXPECT_EQ(text.view(), expected);
}

}  // namespace
}  // namespace hawser::crypto
