// SPDX-License-Identifier: Apache-2.0
#include "http/h1/body.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::http::h1 {
namespace {

std::string_view text(std::span<char> bytes) { return {bytes.data(), bytes.size()}; }

TEST(body_reader, has_nothing_to_read_without_a_body) {
    EXPECT_TRUE(body_reader().is_done());
    EXPECT_TRUE(body_reader(framing::length, 0).is_done());
    std::string next = "GET";
    const body_step step = body_reader().decode(next);
    EXPECT_TRUE(step.done);
    EXPECT_EQ(step.consumed, 0u);
}

TEST(body_reader, takes_as_many_bytes_as_the_length_says) {
    body_reader body(framing::length, 5);
    std::string first = "hel";
    std::string second = "loGET / HTTP/1.1";
    body_step step = body.decode(first);
    EXPECT_EQ(text(step.payload), "hel");
    EXPECT_FALSE(step.done);
    EXPECT_EQ(body.left(), 2u);
    step = body.decode(second);
    EXPECT_EQ(text(step.payload), "lo");
    EXPECT_EQ(step.consumed, 2u);
    EXPECT_TRUE(step.done);
    EXPECT_TRUE(body.is_done());
    EXPECT_EQ(body.received(), 5u);
}

TEST(body_reader, e85_is_incomplete_when_the_stream_ends_early) {
    EXPECT_FALSE(body_reader(framing::length, 5).completes_at_end_of_stream());
    EXPECT_FALSE(body_reader(framing::chunked, 0).completes_at_end_of_stream());
    EXPECT_TRUE(body_reader(framing::until_close, 0).completes_at_end_of_stream());
}

TEST(body_reader, reads_until_the_connection_closes) {
    body_reader body(framing::until_close, 0);
    std::string bytes = "anything";
    const body_step step = body.decode(bytes);
    EXPECT_EQ(text(step.payload), "anything");
    EXPECT_FALSE(step.done);
}

TEST(body_reader, decodes_chunks_and_keeps_their_trailers) {
    body_reader body(framing::chunked, 0);
    std::string bytes = "3\r\nabc\r\n0\r\nA: b\r\n\r\nnext";
    const body_step step = body.decode(bytes);
    EXPECT_EQ(text(step.payload), "abc");
    EXPECT_TRUE(step.done);
    EXPECT_EQ(body.trailers(), "A: b\r\n");
    EXPECT_EQ(step.consumed, bytes.size() - 4);
}

TEST(body_reader, e54_refuses_what_is_longer_than_its_limit) {
    std::string bytes = "hello";
    EXPECT_EQ(body_reader(framing::length, 5, {.body = 5}).decode(bytes).why, std::nullopt);
    EXPECT_EQ(body_reader(framing::length, 6, {.body = 5}).decode(bytes).why->status, 413u);
    EXPECT_EQ(body_reader(framing::until_close, 0, {.body = 4}).decode(bytes).why->status, 413u);
}

}  // namespace
}  // namespace hawser::http::h1
