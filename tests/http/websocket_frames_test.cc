// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "http/websocket_close.h"

namespace hawser::http {
namespace {

using namespace std::string_literals;

/// A server's frame: final, unmasked.
std::string frame(unsigned opcode, const std::string& payload) {
    std::string bytes(1, char(0x80 | opcode));
    const std::size_t size = payload.size();
    if (size < 126) {
        bytes += char(size);
    } else if (size < 65'536) {
        bytes += char(126);
        for (int shift = 8; shift >= 0; shift -= 8) bytes += char(size >> shift);
    } else {
        bytes += char(127);
        for (int shift = 56; shift >= 0; shift -= 8) bytes += char(std::uint64_t{size} >> shift);
    }
    return bytes + payload;
}

TEST(websocket_frames, is_between_frames_before_the_first_and_after_each) {
    websocket_frames follower;
    EXPECT_TRUE(follower.is_between());
    for (const std::size_t size : {0u, 1u, 125u, 126u, 65'535u, 65'536u, 200'000u}) {
        const auto bytes = frame(2, std::string(size, 'x'));
        EXPECT_EQ(follower.take_frame(bytes), bytes.size()) << size;
        EXPECT_TRUE(follower.is_between()) << size;
    }
}

TEST(websocket_frames, e2_says_the_same_however_the_bytes_are_cut) {
    const auto bytes = frame(1, "hello") + frame(9, "") + frame(2, std::string(300, 'x'));
    const std::vector<std::size_t> ends{7, 9, 9 + 4 + 300};
    websocket_frames follower;
    for (std::size_t at = 1; at <= bytes.size(); ++at) {
        follower.take(std::string_view(bytes).substr(at - 1, 1));
        EXPECT_EQ(follower.is_between(), std::ranges::find(ends, at) != ends.end()) << at;
    }
}

TEST(websocket_frames, takes_one_frame_and_leaves_the_next) {
    websocket_frames follower;
    const auto bytes = frame(1, "one") + frame(1, "two");
    EXPECT_EQ(follower.take_frame(bytes), 5u);
    EXPECT_EQ(follower.take_frame(std::string_view(bytes).substr(5, 3)), 3u);
    EXPECT_FALSE(follower.is_between());
}

TEST(websocket_frames, fragments_of_a_message_and_compressed_ones_are_frames) {
    websocket_frames follower;
    follower.take("\x01\x01x"s);  // text, not the last
    EXPECT_TRUE(follower.is_between());
    follower.take("\xc0\x01x"s);  // its end, with the bit of an extension
    EXPECT_TRUE(follower.is_between());
}

TEST(websocket_frames, after_a_close_nothing_may_be_said) {
    websocket_frames follower;
    follower.take(websocket_close(1001, "bye").frame());
    EXPECT_FALSE(follower.is_between());
    EXPECT_FALSE(follower.is_lost());
}

TEST(websocket_frames, what_is_no_frame_of_a_server_is_never_interrupted) {
    const auto faulty = {
        "\x81\x81mask!"s,                             // masked
        "\x83\x01x"s,                                 // an opcode that means nothing
        "\x09\x01x"s,                                 // a ping in fragments
        "\x89\x7e\x01\x00"s,                          // a ping that is too long
        "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x01"s,  // a size beyond 63 bits
    };
    for (const auto& bytes : faulty) {
        websocket_frames follower;
        follower.take(bytes);
        EXPECT_TRUE(follower.is_lost());
        EXPECT_FALSE(follower.is_between());
        EXPECT_EQ(follower.take_frame("whatever"), 8u);
    }
}

}  // namespace
}  // namespace hawser::http
