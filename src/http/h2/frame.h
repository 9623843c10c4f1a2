// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hawser::http::h2 {

/// What a client says first (RFC 9113 3.4).
inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum class frame_type : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    push_promise = 5,
    ping = 6,
    goaway = 7,
    window_update = 8,
    continuation = 9,
};

/// The largest payload that either side may send as long as nobody has announced another.
inline constexpr std::uint32_t frame_size_max = 16 * 1024;

inline constexpr std::uint8_t flag_end_stream = 0x1;   ///< of DATA and HEADERS
inline constexpr std::uint8_t flag_ack = 0x1;          ///< of SETTINGS and PING
inline constexpr std::uint8_t flag_end_headers = 0x4;  ///< of HEADERS, PUSH_PROMISE, CONTINUATION

/// The nine bytes before a frame's payload (RFC 9113 4.1).
struct frame_head {
    static constexpr std::size_t size = 9;

    std::uint32_t length = 0;  ///< of the payload
    frame_type type = frame_type::data;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;

    [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

[[nodiscard]] inline frame_head read_frame_head(const std::array<char, frame_head::size>& from) {
    const auto at = [&](std::size_t i) {
        return std::uint32_t(static_cast<unsigned char>(from[i]));
    };
    return {.length = at(0) << 16 | at(1) << 8 | at(2),
            .type = static_cast<frame_type>(at(3)),
            .flags = static_cast<std::uint8_t>(at(4)),
            .stream = (at(5) << 24 | at(6) << 16 | at(7) << 8 | at(8)) & 0x7fffffffU};
}

[[nodiscard]] inline std::array<char, frame_head::size> write_frame_head(const frame_head& head) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value & 0xffU); };
    return {byte(head.length >> 16),      byte(head.length >> 8),        byte(head.length),
            static_cast<char>(head.type), static_cast<char>(head.flags), byte(head.stream >> 24),
            byte(head.stream >> 16),      byte(head.stream >> 8),        byte(head.stream)};
}

}  // namespace hawser::http::h2
