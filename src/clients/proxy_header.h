// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "io/ip_address.h"

namespace hawser::clients {

/// One end of a connection, without the 112 bytes of an `io::endpoint`.
struct address_and_port {
    io::ip_address ip;
    std::uint16_t port = 0;

    friend bool operator==(const address_and_port&, const address_and_port&) = default;
};

/// What a PROXY header says: which connection the bytes behind it came over, before whoever speaks
/// to us accepted them. Without addresses (LOCAL, UNKNOWN, a unix socket, UDP) the connection
/// that brought the header is the client's own.
struct proxy_header {
    bool has_addresses = false;
    address_and_port source;       ///< the client
    address_and_port destination;  ///< where it connected to
    bool over_tls = false;         ///< version 2 says that the client speaks TLS to its peer
    bool is_local = false;         ///< of the sender's own, without a client: a health check

    friend bool operator==(const proxy_header&, const proxy_header&) = default;
};

/// What the first bytes of a connection are.
struct proxy_header_reading {
    enum class state : std::uint8_t {
        incomplete,  ///< may become a header: ask again with more bytes
        complete,
        absent,   ///< no header: another protocol begins here
        refused,  ///< begins like a header, and is none
    };

    state outcome = state::incomplete;
    std::size_t consumed = 0;     ///< bytes of the header, when complete
    proxy_header header = {};     ///< when complete
    std::string_view cause = {};  ///< static text, when refused
};

/// Reads a PROXY header of version 1 or 2 off the front of `bytes` (E137-E140). Strict: what the
/// specification calls invalid is refused, and nothing behind the header is looked at.
[[nodiscard]] proxy_header_reading read_proxy_header(std::string_view bytes) noexcept;

enum class proxy_version : std::uint8_t { v1, v2 };

/// A PROXY header as it goes to a server: the first bytes of a connection (E141).
class proxy_header_text {
  public:
    proxy_header_text(proxy_version version, const proxy_header& about) noexcept;

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

  private:
    void write_v1(const proxy_header& about) noexcept;
    void write_v2(const proxy_header& about) noexcept;
    void append(std::string_view text) noexcept;
    void append_address(const io::ip_address& ip, bool as_v4) noexcept;
    void append_number(std::uint16_t number) noexcept;

    std::array<char, 128> bytes_;
    std::size_t size_ = 0;
};

}  // namespace hawser::clients
