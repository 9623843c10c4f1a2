// SPDX-License-Identifier: Apache-2.0
// What every coding promises.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "http/compression/decoders.h"
#include "http/compression/kinds.h"

namespace hawser::http::compression {
namespace {

class compressor_contract : public testing::TestWithParam<std::string> {
  protected:
    std::unique_ptr<compressor> make() { return choice(GetParam()).make(); }
};

std::string send(compressor& by, std::string_view piece, until where, std::size_t room = 16384) {
    std::string sent;
    std::vector<char> space(room);
    std::span<const char> left(piece);
    compressor::step done;
    do {
        done = by.compress(left, space, where);
        left = left.subspan(done.consumed);
        sent.append(space.data(), done.produced);
    } while (done.is_full);
    EXPECT_TRUE(left.empty());
    return sent;
}

std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i)
        text += "<li class=\"item\">thing number " + std::to_string(i * 7919 % 1000) + "</li>\n";
    text.resize(size);
    return text;
}

std::string noise_of(std::size_t size) {
    std::mt19937 random(1);
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
    return bytes;
}

TEST_P(compressor_contract, gives_back_what_went_in) {
    for (const auto& body : {std::string(), std::string("x"), text_of(100'000), noise_of(300'000)})
        for (const std::size_t room : {64u, 1000u, 16384u}) {
            const auto by = make();
            const auto receiver = decoder_of(GetParam());
            EXPECT_TRUE(receiver->decode(send(*by, body, until::end, room)) == body) << body.size();
            EXPECT_TRUE(receiver->is_at_end());
        }
}

TEST_P(compressor_contract, lets_each_piece_be_read_before_the_next) {
    const auto by = make();
    const auto receiver = decoder_of(GetParam());
    for (const auto& piece : {text_of(10), text_of(70'000), noise_of(20'000), std::string("a")}) {
        EXPECT_TRUE(receiver->decode(send(*by, piece, until::piece)) == piece) << piece.size();
        EXPECT_FALSE(receiver->is_at_end());
    }
    EXPECT_EQ(receiver->decode(send(*by, "", until::end)), "");
    EXPECT_TRUE(receiver->is_at_end());
}

TEST_P(compressor_contract, ends_with_the_last_piece_too) {
    const auto by = make();
    const auto receiver = decoder_of(GetParam());
    EXPECT_EQ(receiver->decode(send(*by, "one", until::piece)), "one");
    EXPECT_EQ(receiver->decode(send(*by, "two", until::end)), "two");
    EXPECT_TRUE(receiver->is_at_end());
}

TEST_P(compressor_contract, makes_texts_smaller) {
    const auto by = make();
    EXPECT_LT(send(*by, text_of(100'000), until::end).size(), 20'000u);
}

TEST_P(compressor_contract, holds_no_more_memory_than_it_says) {
    const auto used = [] {
        const auto told = mallinfo2();
        return told.uordblks + told.hblkhd;
    };
    const std::string body = text_of(64 * 1024) + noise_of(64 * 1024);
    std::vector<char> room(16384);
    const auto before = used();
    if (before == 0) GTEST_SKIP() << "a sanitizer's allocator does not tell";
    const auto by = make();
    for (int i = 0; i < 64; ++i) {
        std::span<const char> left(body);
        for (compressor::step done{.is_full = true}; done.is_full;) {
            done = by->compress(left, room, until::piece);
            left = left.subspan(done.consumed);
        }
        ASSERT_LE(used() - before, by->memory_max());
    }
}

TEST_P(compressor_contract, does_so_at_every_level) {
    for (const auto* level : {"1", "9"}) {
        auto settings = config::node::empty_map();
        settings.set("level", config::node::plain(level));
        auto written = config::node::empty_map();
        written.set(GetParam(), std::move(settings));
        choice chosen;
        config::diagnostics problems;
        ASSERT_TRUE(config::codec<choice>::read(written, chosen, problems)) << problems.text();
        const auto by = chosen.make();
        const auto body = text_of(200'000);
        EXPECT_TRUE(decoder_of(GetParam())->decode(send(*by, body, until::end)) == body);
    }
}

INSTANTIATE_TEST_SUITE_P(every_kind, compressor_contract, testing::Values("gzip", "br", "zstd"));

TEST(compression_kinds, are_named_as_in_content_encoding) {
    EXPECT_EQ(kinds.names(), (std::vector<std::string_view>{"zstd", "br", "gzip"}));
}

}  // namespace
}  // namespace hawser::http::compression
