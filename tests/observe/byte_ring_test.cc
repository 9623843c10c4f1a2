// SPDX-License-Identifier: Apache-2.0
#include "observe/byte_ring.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

namespace hawser::observe {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string take(byte_ring& ring) {
    const auto bytes = ring.front();
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!bytes.empty()) ring.pop();
    return text;
}

TEST(byte_ring, gives_strings_back_in_order) {
    byte_ring ring(256);
    EXPECT_TRUE(ring.push(bytes_of("first")));
    EXPECT_TRUE(ring.push(bytes_of("second")));

    EXPECT_EQ(take(ring), "first");
    EXPECT_EQ(take(ring), "second");
    EXPECT_EQ(take(ring), "");
}

TEST(byte_ring, e166_refuses_and_counts_what_finds_no_room) {
    byte_ring ring(64);
    const std::string half(24, 'x');
    EXPECT_TRUE(ring.push(bytes_of(half)));
    EXPECT_TRUE(ring.push(bytes_of(half)));
    EXPECT_FALSE(ring.push(bytes_of("one more")));
    EXPECT_FALSE(ring.push(bytes_of("and another")));
    EXPECT_EQ(ring.dropped(), 2u);

    EXPECT_EQ(take(ring), half);
    EXPECT_TRUE(ring.push(bytes_of("fits now")));
    EXPECT_EQ(take(ring), half);
    EXPECT_EQ(take(ring), "fits now");
}

TEST(byte_ring, refuses_a_string_longer_than_itself) {
    byte_ring ring(64);
    EXPECT_FALSE(ring.push(bytes_of(std::string(100, 'x'))));
    EXPECT_TRUE(ring.push(bytes_of("short")));
}

TEST(byte_ring, keeps_strings_whole_at_every_place_of_the_end) {
    for (std::size_t size = 1; size <= 40; ++size) {
        byte_ring ring(128);
        for (int round = 0; round < 50; ++round) {
            const std::string text(size, static_cast<char>('a' + round % 26));
            ASSERT_TRUE(ring.push(bytes_of(text))) << "size " << size << " round " << round;
            ASSERT_EQ(take(ring), text);
        }
    }
}

TEST(byte_ring, says_when_it_is_more_than_half_full) {
    byte_ring ring(128);
    EXPECT_FALSE(ring.is_filling());
    ring.push(bytes_of(std::string(80, 'x')));
    EXPECT_TRUE(ring.is_filling());
    take(ring);
    EXPECT_FALSE(ring.is_filling());
}

TEST(byte_ring, loses_nothing_between_two_threads_but_what_it_counts) {
    constexpr std::size_t sent = 100'000;
    byte_ring ring(4096);
    std::size_t received = 0;
    std::atomic<bool> is_done = false;
    std::size_t next = 0;

    std::thread reader([&] {
        while (true) {
            const bool was_done = is_done;
            const std::string text = take(ring);
            if (text.empty()) {
                if (was_done) return;
                std::this_thread::yield();
                continue;
            }
            const std::size_t number = std::stoul(text);
            ASSERT_GE(number, next);
            ASSERT_EQ(text, std::to_string(number) + std::string(number % 50, '.'));
            next = number + 1;
            ++received;
        }
    });
    for (std::size_t number = 0; number < sent; ++number)
        ring.push(bytes_of(std::to_string(number) + std::string(number % 50, '.')));
    is_done = true;
    reader.join();

    EXPECT_EQ(received + ring.dropped(), sent);
    EXPECT_GT(received, 0u);
}

}  // namespace
}  // namespace hawser::observe
