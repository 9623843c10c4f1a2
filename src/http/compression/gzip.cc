// SPDX-License-Identifier: Apache-2.0
#include "http/compression/gzip.h"

#include <zlib.h>

#include "base/ensure.h"

namespace hawser::http::compression {

namespace {

constexpr int window_bits = 15;
constexpr int gzip_wrapping = 16;
constexpr int memory_level = 8;

}  // namespace

struct gzip::stream {
    z_stream state{};
};

void gzip::settings::describe(config::fields<settings>& field) {
    field("level", &settings::level, "1 is fastest, 9 smallest.").minimum(1).maximum(9);
}

gzip::gzip(const settings& given) : stream_(std::make_unique<stream>()) {
    const int made = deflateInit2(&stream_->state, int(given.level), Z_DEFLATED,
                                  window_bits + gzip_wrapping, memory_level, Z_DEFAULT_STRATEGY);
    ensure(made == Z_OK, "zlib takes the levels that settings allow");
}

gzip::~gzip() { deflateEnd(&stream_->state); }

compressor::step gzip::compress(std::span<const char> piece, std::span<char> room, until where) {
    z_stream& state = stream_->state;
    // zlib does not write through it, but its type says that it might.
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    state.avail_in = uInt(piece.size());
    state.next_out = reinterpret_cast<Bytef*>(room.data());
    state.avail_out = uInt(room.size());
    const int done = deflate(&state, where == until::end ? Z_FINISH : Z_SYNC_FLUSH);
    ensure(done == Z_OK || done == Z_STREAM_END || done == Z_BUF_ERROR,
           "deflate fails only on a broken state");
    const bool is_full = where == until::end ? done != Z_STREAM_END : state.avail_out == 0;
    return {piece.size() - state.avail_in, room.size() - state.avail_out, is_full};
}

}  // namespace hawser::http::compression
