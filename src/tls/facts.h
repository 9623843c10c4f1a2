// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hawser::tls {

/// What both sides have agreed to speak.
enum class protocol : std::uint8_t { http1, http2 };

/// What a handshake has settled.
struct facts {
    std::string_view version = {};  ///< `TLSv1.3`; static text, as is the next
    std::string_view cipher = {};
    protocol speaks = protocol::http1;
    bool has_agreed = false;  ///< on a protocol, by ALPN
    bool resumed = false;
    std::string server_name = {};          ///< lower case; empty: none was named
    std::array<std::uint8_t, 32> terms{};  ///< of the host: what its clients have to show

    // Of the client's certificate, once it has been verified; empty: there is none.
    std::string client_subject = {};      ///< as RFC 2253 writes it, in printable ASCII
    std::string client_fingerprint = {};  ///< SHA-256, in hexadecimal

    [[nodiscard]] bool has_client() const noexcept { return !client_fingerprint.empty(); }
};

}  // namespace hawser::tls
