// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>

namespace hawser::crypto {
namespace {

using block = std::array<std::uint8_t, 16>;

TEST(random_bytes, differ_each_time) {
    start_random();
    std::set<block> seen;
    for (int i = 0; i < 1000; ++i) {
        block drawn{};
        random_bytes(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

TEST(random_stock, gives_no_portion_twice) {
    random_stock stock;
    std::set<block> seen;
    for (int i = 0; i < 1000; ++i) {
        block drawn{};
        stock.take(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

TEST(random_stock, gives_portions_that_do_not_divide_its_block) {
    random_stock stock;
    std::set<std::array<std::uint8_t, 13>> seen;
    for (int i = 0; i < 1000; ++i) {
        std::array<std::uint8_t, 13> drawn{};
        stock.take(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

TEST(random_stock, differs_from_another) {
    random_stock one;
    random_stock other;
    block a{};
    block b{};
    one.take(a);
    other.take(b);
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace hawser::crypto
