// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace hawser::http::h2 {

/// Why a stream was reset or a connection ended, as RST_STREAM and GOAWAY say it (RFC 9113 7).
/// A peer may send any number: compare, never switch without a default.
enum class error_code : std::uint32_t {
    no_error = 0x0,
    protocol_error = 0x1,
    internal_error = 0x2,
    flow_control_error = 0x3,
    settings_timeout = 0x4,
    stream_closed = 0x5,
    frame_size_error = 0x6,
    refused_stream = 0x7,
    cancel = 0x8,
    compression_error = 0x9,
    connect_error = 0xa,
    enhance_your_calm = 0xb,
    inadequate_security = 0xc,
    http_1_1_required = 0xd,
};

/// The name of a code for logs and counters, e.g. `h2-protocol-error`; static text.
[[nodiscard]] constexpr std::string_view name_of(error_code code) noexcept {
    switch (code) {
        case error_code::no_error: return "h2-no-error";
        case error_code::protocol_error: return "h2-protocol-error";
        case error_code::internal_error: return "h2-internal-error";
        case error_code::flow_control_error: return "h2-flow-control-error";
        case error_code::settings_timeout: return "h2-settings-timeout";
        case error_code::stream_closed: return "h2-stream-closed";
        case error_code::frame_size_error: return "h2-frame-size-error";
        case error_code::refused_stream: return "h2-refused-stream";
        case error_code::cancel: return "h2-cancel";
        case error_code::compression_error: return "h2-compression-error";
        case error_code::connect_error: return "h2-connect-error";
        case error_code::enhance_your_calm: return "h2-enhance-your-calm";
        case error_code::inadequate_security: return "h2-inadequate-security";
        case error_code::http_1_1_required: return "h2-http-1-1-required";
    }
    return "h2-other-error";
}

}  // namespace hawser::http::h2
