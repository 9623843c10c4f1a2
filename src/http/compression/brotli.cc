// SPDX-License-Identifier: Apache-2.0
#include "http/compression/brotli.h"

#include <brotli/encode.h>

#include "base/ensure.h"

namespace hawser::http::compression {

namespace {

/// 256 KiB: more helps few bodies and costs every one memory.
constexpr unsigned window_bits = 18;

}  // namespace

void brotli::settings::describe(config::fields<settings>& field) {
    // Beyond 9 it is built for files that are compressed once.
    field("level", &settings::level, "1 is fastest, 9 smallest.").minimum(1).maximum(9);
}

brotli::brotli(const settings& given)
    : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    ensure(state_ != nullptr, "out of memory is fatal");
    const bool is_set =
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, given.level) == BROTLI_TRUE &&
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, window_bits) == BROTLI_TRUE;
    ensure(is_set, "Brotli takes the levels that settings allow");
}

brotli::~brotli() { BrotliEncoderDestroyInstance(state_); }

compressor::step brotli::compress(std::span<const char> piece, std::span<char> room, until where) {
    std::size_t left = piece.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(piece.data());
    std::size_t free = room.size();
    auto* out = reinterpret_cast<std::uint8_t*>(room.data());
    const auto operation = where == until::end ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
    const bool is_fine = BrotliEncoderCompressStream(state_, operation, &left, &next, &free, &out,
                                                     nullptr) == BROTLI_TRUE;
    ensure(is_fine, "Brotli fails only on a broken state");
    const bool has_more = left > 0 || BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE ||
                          (where == until::end && BrotliEncoderIsFinished(state_) != BROTLI_TRUE);
    return {piece.size() - left, room.size() - free, has_more};
}

}  // namespace hawser::http::compression
