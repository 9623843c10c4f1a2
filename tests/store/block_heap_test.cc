// SPDX-License-Identifier: Apache-2.0
#include "store/block_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace hawser::store {
namespace {

constexpr std::size_t small = 8 * block_heap::extent_bytes;  // of addresses

TEST(block_heap, rounds_up_by_a_16th_or_16_bytes_at_the_most) {
    for (std::size_t bytes = 1; bytes <= block_heap::block_max; ++bytes) {
        const std::size_t room = block_heap::room_for(bytes);
        ASSERT_GE(room, bytes);
        ASSERT_EQ(room % block_heap::step, 0u);
        if (bytes > 64) ASSERT_LE(room - bytes, std::max<std::size_t>(15, bytes / 32)) << bytes;
        ASSERT_LE(block_heap::room_for(bytes - 1), room) << bytes;
    }
    EXPECT_EQ(block_heap::room_for(block_heap::block_max), block_heap::block_max);
}

struct taken {
    char* at;
    std::size_t bytes;
    char mark;
};

/// All bytes are still its own.
bool is_whole(const taken& one) {
    return std::all_of(one.at, one.at + one.bytes, [&](char c) { return c == one.mark; });
}

void churn(block_heap& heap, unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<taken> all;
    for (int i = 0; i < 20'000; ++i) {
        if (all.size() < 400 && dice() % 2 == 0) {
            const std::size_t bytes = 1 + dice() % (dice() % 8 == 0 ? block_heap::block_max : 900);
            const taken one{.at = static_cast<char*>(heap.take(bytes, dice())),
                            .bytes = bytes,
                            .mark = char(dice())};
            ASSERT_NE(one.at, nullptr);
            ASSERT_EQ(heap.at(heap.number_of(one.at)), one.at);
            ASSERT_NE(heap.number_of(one.at), 0u);
            std::memset(one.at, one.mark, one.bytes);
            all.push_back(one);
        } else if (!all.empty()) {
            std::swap(all[dice() % all.size()], all.back());
            ASSERT_TRUE(is_whole(all.back()));
            heap.give_back(all.back().at);
            all.pop_back();
        }
    }
    for (const auto& each : all) {
        ASSERT_TRUE(is_whole(each));
        heap.give_back(each.at);
    }
}

TEST(block_heap, no_block_touches_another_whoever_takes_and_gives_back) {
    block_heap heap;
    std::vector<std::thread> callers;
    for (unsigned seed = 0; seed < 4; ++seed)
        callers.emplace_back([&heap, seed] { churn(heap, seed); });
    for (auto& each : callers) each.join();
}

TEST(block_heap, says_so_when_there_is_no_room_and_has_it_again) {
    block_heap heap(small);
    std::vector<void*> all;
    while (void* block = heap.take(1000, 0)) all.push_back(block);
    EXPECT_GT(all.size(), (small - 2 * block_heap::extent_bytes) / 1008);
    EXPECT_EQ(heap.take(16, 1), nullptr) << "all extents are taken";
    for (void* each : all) heap.give_back(each);
    // What was of one size serves another.
    EXPECT_LE(heap.bytes(), block_heap::extent_bytes);
    std::vector<void*> others;
    while (void* block = heap.take(3000, 1)) others.push_back(block);
    EXPECT_GT(others.size(), (small - 4 * block_heap::extent_bytes) / 3072);
    for (void* each : others) heap.give_back(each);
}

TEST(block_heap, many_small_records_cost_little_more_than_they_are) {
    block_heap heap;
    constexpr std::size_t each = 1145;  // a session of 1 KiB
    constexpr std::size_t count = 100'000;
    std::vector<void*> all(count);
    for (std::size_t i = 0; i < count; ++i) all[i] = heap.take(each, i);
    EXPECT_LT(heap.bytes(), (each + 30) * count);
    for (void* block : all) heap.give_back(block);
}

}  // namespace
}  // namespace hawser::store
