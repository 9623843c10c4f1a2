// SPDX-License-Identifier: Apache-2.0
#include "proxy/input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace hawser::proxy {
namespace {

std::string text_of(const input& from) {
    return std::string(from.bytes().data(), from.bytes().size());
}

TEST(input, shows_what_was_taken_without_copying) {
    std::string hot = "GET /";
    input in;
    in.take(hot);
    EXPECT_EQ(in.bytes().data(), hot.data());
    EXPECT_EQ(text_of(in), "GET /");
}

TEST(input, use_drops_the_front) {
    std::string hot = "headbody";
    input in;
    in.take(hot);
    in.use(4);
    EXPECT_EQ(text_of(in), "body");
    in.use(4);
    EXPECT_TRUE(in.empty());
}

TEST(input, what_is_kept_outlasts_the_hot_buffer) {
    std::string hot = "headbody";
    input in;
    in.take(hot);
    in.use(4);
    in.keep();
    std::ranges::fill(hot, '!');
    EXPECT_EQ(text_of(in), "body");
}

TEST(input, keeping_twice_copies_once) {
    std::string hot = "body";
    input in;
    in.take(hot);
    in.keep();
    const char* const at = in.bytes().data();
    in.use(1);
    in.keep();
    EXPECT_EQ(in.bytes().data(), at + 1);
}

TEST(input, settling_keeps_what_is_left) {
    std::string hot = "body";
    input in;
    in.take(hot);
    in.settle();
    std::ranges::fill(hot, '!');
    EXPECT_EQ(text_of(in), "body");
    in.use(4);
    in.settle();
    EXPECT_TRUE(in.empty());
}

TEST(input, takes_new_bytes_after_all_were_used) {
    std::string first = "first";
    std::string second = "second";
    input in;
    in.take(first);
    in.keep();
    in.use(5);
    in.take(second);
    in.keep();
    std::ranges::fill(second, '!');
    EXPECT_EQ(text_of(in), "second");
}

TEST(input, appends_behind_what_lies_in_the_hot_buffer) {
    std::string hot = "GET /";
    input in;
    in.take(hot);
    in.append(std::string_view(" HTTP"));
    std::ranges::fill(hot, '!');
    EXPECT_EQ(text_of(in), "GET / HTTP");
}

TEST(input, comes_together_byte_by_byte) {
    const std::string whole = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    input in;
    for (const char byte : whole) in.append({&byte, 1});
    EXPECT_EQ(text_of(in), whole);
}

TEST(input, appends_after_a_part_was_used) {
    input in;
    std::string wanted;
    for (int i = 0; i < 100; ++i) {
        const std::string more(std::size_t(i % 7 + 1), char('a' + i % 26));
        in.append(more);
        wanted += more;
        const std::size_t used = std::min<std::size_t>(std::size_t(i % 5), wanted.size());
        in.use(used);
        wanted.erase(0, used);
        ASSERT_EQ(text_of(in), wanted);
    }
}

}  // namespace
}  // namespace hawser::proxy
