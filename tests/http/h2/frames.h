// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/h2/error_code.h"
#include "http/h2/frame.h"

namespace hawser::http::h2 {

using fields = std::vector<std::pair<std::string, std::string>>;

/// One frame, byte by byte.
inline std::string frame(frame_type type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
    const auto head = write_frame_head({.length = static_cast<std::uint32_t>(payload.size()),
                                        .type = type,
                                        .flags = flags,
                                        .stream = stream});
    return std::string(head.data(), head.size()).append(payload);
}

inline std::string word(std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xffU);
    return bytes;
}

inline std::string settings(std::string_view payload = {}) {
    return frame(frame_type::settings, 0, 0, payload);
}
inline std::string setting(std::uint16_t id, std::uint32_t value) {
    return std::string{static_cast<char>(id >> 8), static_cast<char>(id & 0xff)} + word(value);
}
inline std::string ping(std::string_view mark = "01234567") {
    return frame(frame_type::ping, 0, 0, mark);
}
inline std::string rst(std::uint32_t stream, error_code code = error_code::cancel) {
    return frame(frame_type::rst_stream, 0, stream, word(static_cast<std::uint32_t>(code)));
}
inline std::string window_update(std::uint32_t stream, std::uint32_t by) {
    return frame(frame_type::window_update, 0, stream, word(by));
}
inline std::string data(std::uint32_t stream, std::string_view payload, std::uint8_t flags = 0) {
    return frame(frame_type::data, flags, stream, payload);
}

/// The compressor of one direction; a connection has one.
class compressor {
  public:
    compressor() { nghttp2_hd_deflate_new(&deflater_, 4096); }
    ~compressor() { nghttp2_hd_deflate_del(deflater_); }
    compressor(const compressor&) = delete;
    compressor& operator=(const compressor&) = delete;

    std::string block(const fields& what) {
        std::vector<nghttp2_nv> pairs;
        for (const auto& [name, value] : what)
            pairs.push_back({bytes(name), bytes(value), name.size(), value.size(), 0});
        std::string out(nghttp2_hd_deflate_bound(deflater_, pairs.data(), pairs.size()), '\0');
        const auto size =
            nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(out.data()),
                                  out.size(), pairs.data(), pairs.size());
        out.resize(static_cast<std::size_t>(size));
        return out;
    }

    std::string headers(std::uint32_t stream, const fields& what, std::uint8_t flags) {
        return frame(frame_type::headers, static_cast<std::uint8_t>(flags | flag_end_headers),
                     stream, block(what));
    }

  private:
    static std::uint8_t* bytes(const std::string& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    }
    nghttp2_hd_deflater* deflater_ = nullptr;
};

class decompressor {
  public:
    decompressor() { nghttp2_hd_inflate_new(&inflater_); }
    ~decompressor() { nghttp2_hd_inflate_del(inflater_); }
    decompressor(const decompressor&) = delete;
    decompressor& operator=(const decompressor&) = delete;

    fields read(std::string_view block) {
        fields found;
        while (true) {
            nghttp2_nv pair;
            int flags = 0;
            const auto taken = nghttp2_hd_inflate_hd2(
                inflater_, &pair, &flags, reinterpret_cast<const std::uint8_t*>(block.data()),
                block.size(), 1);
            if (taken < 0) return {{"broken", "block"}};
            block.remove_prefix(static_cast<std::size_t>(taken));
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
                found.emplace_back(std::string(reinterpret_cast<char*>(pair.name), pair.namelen),
                                   std::string(reinterpret_cast<char*>(pair.value), pair.valuelen));
            if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
        }
        nghttp2_hd_inflate_end_headers(inflater_);
        return found;
    }

  private:
    nghttp2_hd_inflater* inflater_ = nullptr;
};

/// One frame as it was read from a session's output.
struct read_frame {
    frame_head head;
    std::string payload;

    [[nodiscard]] std::uint32_t word_at(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = at; i < at + 4; ++i)
            value = value << 8 | static_cast<unsigned char>(payload[i]);
        return value;
    }
    [[nodiscard]] error_code code() const {
        return static_cast<error_code>(word_at(head.type == frame_type::goaway ? 4 : 0));
    }
};

inline std::vector<read_frame> read_frames(std::string_view bytes) {
    std::vector<read_frame> found;
    while (bytes.size() >= frame_head::size) {
        std::array<char, frame_head::size> head;
        bytes.copy(head.data(), head.size());
        read_frame one{.head = read_frame_head(head), .payload = {}};
        one.payload = bytes.substr(head.size(), one.head.length);
        bytes.remove_prefix(std::min(bytes.size(), head.size() + one.head.length));
        found.push_back(std::move(one));
    }
    return found;
}

inline const read_frame* first(const std::vector<read_frame>& among, frame_type type) {
    for (const auto& each : among)
        if (each.head.type == type) return &each;
    return nullptr;
}

}  // namespace hawser::http::h2
