// SPDX-License-Identifier: Apache-2.0
#include "async/frame_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/sanitizers.h"

namespace hawser {
namespace {

TEST(frame_pool, gives_the_same_frame_again) {
    if (is_memory_watched) GTEST_SKIP() << "frames aren't reused where memory is watched";
    void* const first = frame_pool::take(200);
    frame_pool::give_back(first, 200);
    void* const second = frame_pool::take(193);  // of the same class
    EXPECT_EQ(second, first);
    frame_pool::give_back(second, 193);
}

TEST(frame_pool, gives_room_for_every_size) {
    std::vector<std::pair<void*, std::size_t>> taken;
    std::set<void*> distinct;
    for (std::size_t size = 1; size < 10'000; size += 61) {
        void* const frame = frame_pool::take(size);
        std::memset(frame, 0x5a, size);
        taken.emplace_back(frame, size);
        distinct.insert(frame);
    }
    EXPECT_EQ(distinct.size(), taken.size());
    for (const auto& [frame, size] : taken) frame_pool::give_back(frame, size);
}

TEST(frame_pool, a_thread_hands_its_frames_back_when_it_ends) {
    // The leak check of sanitizer builds is the judge.
    std::thread([] { frame_pool::give_back(frame_pool::take(100), 100); }).join();
}

TEST(pooled_bytes, has_the_size_that_was_asked_for) {
    const pooled_bytes block(1000);
    EXPECT_EQ(block.bytes().size(), 1000u);
    std::memset(block.bytes().data(), 1, block.bytes().size());
}

TEST(pooled_bytes, of_nothing_is_empty) { EXPECT_TRUE(pooled_bytes().bytes().empty()); }

TEST(pooled_bytes, moves_without_copying) {
    pooled_bytes from(100);
    char* const at = from.bytes().data();

    pooled_bytes to(std::move(from));
    EXPECT_EQ(to.bytes().data(), at);

    pooled_bytes other(50);
    other = std::move(to);
    EXPECT_EQ(other.bytes().data(), at);
    EXPECT_EQ(other.bytes().size(), 100u);
}

}  // namespace
}  // namespace hawser
