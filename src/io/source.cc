// SPDX-License-Identifier: Apache-2.0
#include "io/source.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "io/endpoint.h"
#include "io/socket_option.h"

namespace hawser::io {

std::string source::text() const {
    if (is_foreign) return "client";
    std::string written = address.text();
    if (first_port == 0) return written;
    if (!address.is_v4()) written = "[" + written + "]";
    return written + ":" + std::to_string(first_port) + "-" + std::to_string(last_port);
}

result<> check_source(const source& from) {
    if (from.is_any()) return {};
    // Of a foreign address only the right to use one can be tried.
    const source tried =
        from.is_foreign ? source{.address = ip_address::parse("192.0.2.1").value_or(ip_address()),
                                 .is_foreign = true}
                        : source{.address = from.address};
    const int socket =
        ::socket(tried.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return std::unexpected(system_error(errno, "socket"));
    const int failure = bind_to_source(socket, tried, 0);
    ::close(socket);
    switch (failure) {
        case 0: return {};
        case EPERM:
            return fail(errc::invalid,
                        "connections with the client's address need CAP_NET_ADMIN, which this "
                        "process does not have");
        case EADDRNOTAVAIL:
            return fail(errc::invalid, from.address.text() + " is no address of this machine");
        default: return std::unexpected(system_error(failure, "bind to " + from.text()));
    }
}

int bind_to_source(int socket, const source& from, std::uint16_t port) noexcept {
    const endpoint at(from.address, port);
    if (from.is_foreign) {
        const int yes = 1;
        const bool is_v4 = at.domain() == AF_INET;
        if (::setsockopt(socket, is_v4 ? IPPROTO_IP : IPPROTO_IPV6,
                         is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &yes, sizeof yes) != 0)
            return errno;
    }
    // Without this the kernel takes a port at once, and so each for one connection only, wherever
    // that leads; with it, or with a port of ours and SO_REUSEADDR, one for each server.
    if (port == 0)
        set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    else
        set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    return ::bind(socket, at.address(), at.size()) == 0 ? 0 : errno;
}

std::uint16_t next_port(const source& from) noexcept {
    static std::atomic<std::uint32_t> turns{0};
    if (from.first_port == 0) return 0;
    const std::uint32_t turn = turns.fetch_add(1, std::memory_order_relaxed);
    return std::uint16_t(from.first_port + turn % from.ports());
}

}  // namespace hawser::io
