// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/ip_address.h"

namespace hawser::io {

/// Where one connects to or listens: a resolved IPv4, IPv6 or unix socket address.
///
/// A value of 112 bytes, for servers and listeners; a connection keeps its peer's `ip_address`.
class endpoint {
  public:
    enum class kind : std::uint8_t { none, v4, v6, unix_path };

    endpoint() = default;
    endpoint(const ip_address& address, std::uint16_t port) noexcept;

    /// Reads `10.0.0.1:80`, `[2001:db8::1]:80` or `unix:/run/app.sock`: numbers only, nothing is
    /// looked up (io/resolve.h does that).
    [[nodiscard]] static result<endpoint> parse(std::string_view text);

    /// As `parse`, and `:80`: every address of the machine, IPv6 and, through it, IPv4.
    [[nodiscard]] static result<endpoint> parse_listening(std::string_view text);

    /// What accept, getsockname and getpeername filled in; none for a family unknown here.
    [[nodiscard]] static endpoint of(const sockaddr* from, socklen_t size) noexcept;

    /// For bind and connect. Only of an endpoint that is not none.
    [[nodiscard]] const sockaddr* address() const noexcept { return &address_.any; }
    [[nodiscard]] socklen_t size() const noexcept { return size_; }

    [[nodiscard]] kind family() const noexcept;
    /// As the operating system calls it: AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX.
    [[nodiscard]] int domain() const noexcept { return address_.any.sa_family; }
    [[nodiscard]] ip_address ip() const noexcept { return ip_address::of(address_.any); }
    [[nodiscard]] std::uint16_t port() const noexcept;     ///< 0 for a unix socket
    [[nodiscard]] std::string_view path() const noexcept;  ///< empty for all but a unix socket

    /// The form that `parse` reads; an IPv4 address that came mapped into IPv6 shows as IPv4.
    [[nodiscard]] std::string text() const;

    /// Equal when a connection would reach the same socket.
    friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

  private:
    static result<endpoint> unix_socket(std::string_view path);

    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
        sockaddr_un local = {};
    } address_;
    socklen_t size_ = 0;
};

/// `host:port` or `[v6]:port` taken apart; the host without its brackets, and maybe empty.
struct host_and_port {
    std::string_view host;
    std::uint16_t port = 0;
    bool is_bracketed = false;
};

/// Fails with errc::invalid when the port is missing, 0, above 65535 or not a number, and for an
/// IPv6 address without brackets.
[[nodiscard]] result<host_and_port> split_host_and_port(std::string_view text);

}  // namespace hawser::io
