// SPDX-License-Identifier: Apache-2.0
#include "base/open_addressing.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <set>

namespace hawser {
namespace {

/// Numbers from 1 on; the last hexadecimal digit is a number's home.
struct table {
    std::array<std::uint32_t, 16> slots{};

    static std::size_t home_of(std::uint32_t number) { return number & 15; }
    [[nodiscard]] std::size_t place_of(std::uint32_t number) const {
        std::size_t at = home_of(number);
        while (slots[at] != 0 && slots[at] != number) at = (at + 1) & 15;
        return at;
    }
    [[nodiscard]] bool has(std::uint32_t number) const { return slots[place_of(number)] != 0; }
    void insert(std::uint32_t number) { slots[place_of(number)] = number; }
    void erase(std::uint32_t number) { close_gap<std::uint32_t>(slots, place_of(number), home_of); }
};

TEST(open_addressing, those_behind_a_gap_move_up_over_the_tables_end) {
    table all;
    for (const std::uint32_t each : {0x1eU, 0x2eU, 0x3fU, 0x4eU, 0x52U}) all.insert(each);
    all.erase(0x1e);
    EXPECT_EQ(all.slots[14], 0x2eU);
    EXPECT_EQ(all.slots[15], 0x3fU);
    EXPECT_EQ(all.slots[0], 0x4eU);
    EXPECT_EQ(all.slots[1], 0U);
    EXPECT_EQ(all.slots[2], 0x52U) << "it is at home";
}

TEST(open_addressing, whoever_is_left_is_found_after_whatever_went) {
    std::mt19937 random(7);
    table all;
    std::set<std::uint32_t> present;
    for (int step = 0; step < 20'000; ++step) {
        const auto number = std::uint32_t(random() % 60 + 1);
        if (present.contains(number)) {
            all.erase(number);
            present.erase(number);
        } else if (present.size() < 13) {
            all.insert(number);
            present.insert(number);
        }
        for (std::uint32_t each = 1; each <= 60; ++each)
            ASSERT_EQ(all.has(each), present.contains(each)) << each << " in step " << step;
    }
}

}  // namespace
}  // namespace hawser
