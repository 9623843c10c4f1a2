// SPDX-License-Identifier: Apache-2.0
#include "clients/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>

namespace hawser::clients {
namespace {

std::uint32_t sum_of(std::string_view text) {
    crc32c sum;
    sum.add({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return sum.value();
}

TEST(crc32c, gives_the_values_that_rfc_3720_prints) {
    EXPECT_EQ(sum_of(std::string_view(
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32)),
              0x8a9136aa);
    EXPECT_EQ(sum_of("123456789"), 0xe3069283);
    EXPECT_EQ(sum_of(""), 0u);
}

TEST(crc32c, is_the_same_in_pieces) {
    crc32c sum;
    for (const char byte : std::string_view("123456789")) {
        const auto one = static_cast<std::uint8_t>(byte);
        sum.add({&one, 1});
    }
    EXPECT_EQ(sum.value(), sum_of("123456789"));
}

}  // namespace
}  // namespace hawser::clients
