// SPDX-License-Identifier: Apache-2.0
#include "proxy/answer_coding.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/compression/decoders.h"

namespace hawser::proxy {
namespace {

namespace compression = http::compression;

struct answer_coding_test : testing::Test {
    std::vector<char> room;
    std::size_t memory = 0;
};

TEST_F(answer_coding_test, gives_each_part_out_at_once_whatever_its_size) {
    for (const auto* coding : {"gzip", "br", "zstd"}) {
        answer_coding by(compression::choice(coding), room, memory);
        const auto receiver = compression::decoder_of(coding);
        std::string noise(300'000, '\0');
        for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i >> 7);
        for (const std::string& piece : {std::string("first"), noise}) {
            const auto part = by.encode({.payload = piece});
            EXPECT_FALSE(part.is_last);
            EXPECT_TRUE(receiver->decode(part.payload) == piece) << coding;
        }
        const auto last = by.encode({.payload = "last", .is_last = true, .trailers = "A: b\r\n"});
        EXPECT_TRUE(last.is_last);
        EXPECT_EQ(last.trailers, "A: b\r\n");
        EXPECT_EQ(receiver->decode(last.payload), "last");
        EXPECT_TRUE(receiver->is_at_end());
    }
}

TEST_F(answer_coding_test, says_nothing_where_there_is_nothing_to_say) {
    answer_coding by(compression::choice("gzip"), room, memory);
    EXPECT_EQ(by.encode({}).payload, "");
}

TEST_F(answer_coding_test, counts_what_all_hold) {
    {
        answer_coding one(compression::choice("gzip"), room, memory);
        const auto alone = memory;
        EXPECT_GT(alone, 0u);
        answer_coding other(compression::choice("gzip"), room, memory);
        EXPECT_EQ(memory, 2 * alone);
    }
    EXPECT_EQ(memory, 0u);
}

}  // namespace
}  // namespace hawser::proxy
