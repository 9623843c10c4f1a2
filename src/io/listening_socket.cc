// SPDX-License-Identifier: Apache-2.0
#include "io/listening_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "io/socket_option.h"

namespace hawser::io {

namespace {

constexpr int backlog = 4096;

result<listening_socket> open_socket(const endpoint& at) {
    listening_socket opened(::socket(at.domain(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (opened.descriptor() < 0) return std::unexpected(system_error(errno, "socket"));
    return opened;
}

result<> bind_to(const listening_socket& socket, const endpoint& at) {
    if (::bind(socket.descriptor(), at.address(), at.size()) == 0) return {};
    return std::unexpected(system_error(errno, "cannot listen on " + at.text()));
}

void prepare_tcp(const listening_socket& socket, const endpoint& at) {
    set_option(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, 1);
    // Accepted sockets inherit it: no call per connection.
    set_option(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (at.domain() == AF_INET6) set_option(socket.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
}

}  // namespace

listening_socket::~listening_socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

result<endpoint> listening_socket::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return std::unexpected(system_error(errno, "getsockname"));
    return endpoint::of(reinterpret_cast<const sockaddr*>(&address), size);
}

result<listening_socket> listening_socket::duplicate() const {
    listening_socket copy(::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0));
    if (copy.descriptor() < 0) return std::unexpected(system_error(errno, "fcntl"));
    return copy;
}

result<listening_socket> open_listening(const endpoint& at, sharing how, unsigned mode) {
    auto opened = open_socket(at);
    if (!opened) return opened;
    if (at.family() == endpoint::kind::unix_path) {
        remove_left_over(at);
    } else {
        prepare_tcp(*opened, at);
        if (how == sharing::shared) set_option(opened->descriptor(), SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (auto bound = bind_to(*opened, at); !bound) return std::unexpected(std::move(bound.error()));
    if (at.family() == endpoint::kind::unix_path)
        ::chmod(reinterpret_cast<const sockaddr_un*>(at.address())->sun_path, mode);
    if (::listen(opened->descriptor(), backlog) != 0)
        return std::unexpected(system_error(errno, "cannot listen on " + at.text()));
    return opened;
}

result<listening_socket> adopt_listening(int descriptor) {
    listening_socket adopted(descriptor);
    const auto option = [&](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
    };
    const auto where = adopted.local();
    if (!where || where->family() == endpoint::kind::none || option(SO_TYPE) != SOCK_STREAM ||
        option(SO_ACCEPTCONN) != 1)
        return fail(errc::invalid, "it is no stream socket that listens");
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    if (where->family() != endpoint::kind::unix_path)
        set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    return adopted;
}

void remove_left_over(const endpoint& at) {
    if (at.family() != endpoint::kind::unix_path) return;
    auto probe = open_socket(at);
    if (!probe || ::connect(probe->descriptor(), at.address(), at.size()) == 0) return;
    if (errno == ECONNREFUSED)
        ::unlink(reinterpret_cast<const sockaddr_un*>(at.address())->sun_path);
}

result<> check_free(const endpoint& at) {
    if (at.family() == endpoint::kind::unix_path || at.port() == 0) return {};
    const auto probe = open_socket(at);
    if (!probe) return std::unexpected(probe.error());
    prepare_tcp(*probe, at);
    if (auto bound = bind_to(*probe, at); !bound) return bound;
    // bind() alone succeeds beside a socket that was bound with SO_REUSEADDR but does not listen.
    if (::listen(probe->descriptor(), 1) != 0)
        return std::unexpected(system_error(errno, "cannot listen on " + at.text()));
    return {};
}

}  // namespace hawser::io
