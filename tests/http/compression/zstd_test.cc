// SPDX-License-Identifier: Apache-2.0
#include "http/compression/zstd.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <string>
#include <vector>

namespace hawser::http::compression {
namespace {

TEST(zstd, asks_of_a_receiver_far_less_than_8_mib) {
    for (const unsigned level : {1u, 9u}) {
        zstd by({.level = level});
        std::vector<char> room(64 * 1024);
        const std::string body(16 * 1024, 'x');
        const auto done = by.compress(body, room, until::piece);
        // A window above 256 KiB is refused by this receiver.
        auto* receiver = ZSTD_createDCtx();
        ZSTD_DCtx_setParameter(receiver, ZSTD_d_windowLogMax, 18);
        std::vector<char> plain(body.size());
        ZSTD_inBuffer in{room.data(), done.produced, 0};
        ZSTD_outBuffer out{plain.data(), plain.size(), 0};
        EXPECT_EQ(ZSTD_isError(ZSTD_decompressStream(receiver, &out, &in)), 0u);
        EXPECT_EQ(out.pos, body.size());
        ZSTD_freeDCtx(receiver);
    }
}

}  // namespace
}  // namespace hawser::http::compression
