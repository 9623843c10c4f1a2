// SPDX-License-Identifier: Apache-2.0
#include "http/compression/zstd.h"

#include <zstd.h>

#include "base/ensure.h"

namespace hawser::http::compression {

namespace {

/// 256 KiB, far below the 8 MiB that every receiver must bear (RFC 8878 3.1.1.1.2).
constexpr int window_bits = 18;

}  // namespace

void zstd::settings::describe(config::fields<settings>& field) {
    // Beyond 9 its tables no longer fit the bound on memory.
    field("level", &settings::level, "1 is fastest, 9 smallest.").minimum(1).maximum(9);
}

zstd::zstd(const settings& given) : state_(ZSTD_createCCtx()) {
    ensure(state_ != nullptr, "out of memory is fatal");
    const bool is_set =
        ZSTD_isError(ZSTD_CCtx_setParameter(state_, ZSTD_c_compressionLevel, int(given.level))) ==
            0 &&
        ZSTD_isError(ZSTD_CCtx_setParameter(state_, ZSTD_c_windowLog, window_bits)) == 0;
    ensure(is_set, "zstd takes the levels that settings allow");
}

zstd::~zstd() { ZSTD_freeCCtx(state_); }

compressor::step zstd::compress(std::span<const char> piece, std::span<char> room, until where) {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const auto directive = where == until::end ? ZSTD_e_end : ZSTD_e_flush;
    const std::size_t left = ZSTD_compressStream2(state_, &out, &in, directive);
    ensure(ZSTD_isError(left) == 0, "zstd fails only on a broken state");
    return {in.pos, out.pos, left != 0};
}

}  // namespace hawser::http::compression
