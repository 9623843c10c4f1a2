// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace hawser::http::compression {

/// What a receiver makes of the bytes that came so far: each decoder gives out all it can.
class decoder {
  public:
    decoder() = default;
    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;
    virtual ~decoder() = default;

    virtual std::string decode(std::string_view bytes) = 0;
    [[nodiscard]] virtual bool is_at_end() const = 0;
};

class gzip_decoder final : public decoder {
  public:
    gzip_decoder() { EXPECT_EQ(inflateInit2(&state_, 15 + 16), Z_OK); }
    ~gzip_decoder() override { inflateEnd(&state_); }

    std::string decode(std::string_view bytes) override {
        std::string all;
        std::array<char, 4096> room;
        state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        state_.avail_in = uInt(bytes.size());
        do {
            state_.next_out = reinterpret_cast<Bytef*>(room.data());
            state_.avail_out = room.size();
            const int done = inflate(&state_, Z_SYNC_FLUSH);
            EXPECT_TRUE(done == Z_OK || done == Z_STREAM_END || done == Z_BUF_ERROR) << done;
            is_at_end_ = done == Z_STREAM_END;
            all.append(room.data(), room.size() - state_.avail_out);
        } while (state_.avail_out == 0 && !is_at_end_);
        EXPECT_EQ(state_.avail_in, 0u);
        return all;
    }
    [[nodiscard]] bool is_at_end() const override { return is_at_end_; }

  private:
    z_stream state_{};
    bool is_at_end_ = false;
};

class brotli_decoder final : public decoder {
  public:
    ~brotli_decoder() override { BrotliDecoderDestroyInstance(state_); }

    std::string decode(std::string_view bytes) override {
        std::string all;
        std::array<std::uint8_t, 4096> room;
        std::size_t left = bytes.size();
        const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
        do {
            std::size_t free = room.size();
            auto* out = room.data();
            const auto done =
                BrotliDecoderDecompressStream(state_, &left, &next, &free, &out, nullptr);
            EXPECT_NE(done, BROTLI_DECODER_RESULT_ERROR);
            all.append(reinterpret_cast<const char*>(room.data()), room.size() - free);
        } while (BrotliDecoderHasMoreOutput(state_) == BROTLI_TRUE);
        EXPECT_EQ(left, 0u);
        return all;
    }
    [[nodiscard]] bool is_at_end() const override {
        return BrotliDecoderIsFinished(state_) == BROTLI_TRUE;
    }

  private:
    BrotliDecoderState* state_ = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
};

class zstd_decoder final : public decoder {
  public:
    ~zstd_decoder() override { ZSTD_freeDCtx(state_); }

    std::string decode(std::string_view bytes) override {
        std::string all;
        std::array<char, 4096> room;
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        ZSTD_outBuffer out;
        do {
            out = {room.data(), room.size(), 0};
            const std::size_t left = ZSTD_decompressStream(state_, &out, &in);
            EXPECT_EQ(ZSTD_isError(left), 0u) << ZSTD_getErrorName(left);
            is_at_end_ = left == 0;
            all.append(room.data(), out.pos);
        } while (in.pos < in.size || out.pos == out.size);
        return all;
    }
    [[nodiscard]] bool is_at_end() const override { return is_at_end_; }

  private:
    ZSTD_DCtx* state_ = ZSTD_createDCtx();
    bool is_at_end_ = false;
};

inline std::unique_ptr<decoder> decoder_of(std::string_view coding) {
    if (coding == "gzip") return std::make_unique<gzip_decoder>();
    if (coding == "br") return std::make_unique<brotli_decoder>();
    return std::make_unique<zstd_decoder>();
}

}  // namespace hawser::http::compression
