// SPDX-License-Identifier: Apache-2.0
#include "io/epoll/socket_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/limits.h"
#include "io/epoll/system_calls.h"
#include "io/epoll/tcp_path.h"
#include "io/socket_option.h"

namespace hawser::io {

namespace {

constexpr std::uint32_t interest = EPOLLIN | EPOLLOUT | EPOLLRDHUP;

template <typename Call>
endpoint address_by(Call call, int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (call(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    return endpoint::of(reinterpret_cast<const sockaddr*>(&address), size);
}

/// Nothing can have had an effect yet.
error connect_error(int number, std::string_view doing) {
    auto why = system_error(number, doing);
    why.safe_to_retry = true;
    return why;
}

/// A socket on its way from that port of `from`; `failure` is an errno.
descriptor begin_connecting(const endpoint& to, const source& from, std::uint16_t port,
                            int& failure) {
    descriptor socket(::socket(to.domain(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) {
        failure = errno;
        return socket;
    }
    if (to.domain() != AF_UNIX) set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
    failure = from.is_any() ? 0 : bind_to_source(socket.number(), from, port);
    if (failure == 0 && ::connect(socket.number(), to.address(), to.size()) != 0) failure = errno;
    return socket;
}

/// Another port may be free: this one is somebody's, or leads to that server already.
bool is_taken(int failure) { return failure == EADDRINUSE || failure == EADDRNOTAVAIL; }

}  // namespace

result<std::unique_ptr<stream>> socket_stream::connect(int epoll, hot_buffer& hot,
                                                       const endpoint& to, const source& from) {
    int failure = 0;
    const std::uint16_t first = next_port(from);
    descriptor socket = begin_connecting(to, from, first, failure);
    const unsigned tries = std::min(from.ports(), limits::source_ports_tried_max);
    for (unsigned tried = 1; tried < tries && is_taken(failure); ++tried) {
        const unsigned at = (first - from.first_port + tried) % from.ports();
        socket = begin_connecting(to, from, std::uint16_t(from.first_port + at), failure);
    }
    if (failure != 0 && failure != EINPROGRESS) {
        if (is_taken(failure) && !from.is_any())
            return fail(errc::exhausted, "no port of " + from.text() + " is free", true);
        return std::unexpected(connect_error(failure == EAGAIN ? ECONNREFUSED : failure,
                                             socket ? "connect" : "socket"));
    }
    auto begun = std::make_unique<socket_stream>(hot, std::move(socket));
    begun->connecting_ = true;
    begun->may_stand_ = failure == 0;
    auto attached = begun->attach(epoll, begun->socket_.number(), interest);
    if (!attached) return std::unexpected(std::move(attached.error()));
    return begun;
}

result<std::unique_ptr<stream>> socket_stream::adopt(int epoll, hot_buffer& hot,
                                                     descriptor accepted) {
    auto taken = std::make_unique<socket_stream>(hot, std::move(accepted));
    auto attached = taken->attach(epoll, taken->socket_.number(), interest);
    if (!attached) return std::unexpected(std::move(attached.error()));
    return taken;
}

void socket_stream::happened(std::uint32_t events) noexcept {
    may_stand_ = true;
    notice({.readable = (events & EPOLLIN) != 0,
            .writable = (events & (EPOLLOUT | EPOLLHUP)) != 0,
            .peer_ended = (events & (EPOLLRDHUP | EPOLLHUP)) != 0,
            .reset = (events & EPOLLERR) != 0});
}

ssize_t socket_stream::receive(std::span<char> into) noexcept {
    for (;;) {
        const ssize_t got = system_calls::recv(socket_.number(), into.data(), into.size(), 0);
        if (got >= 0) return got;
        if (errno != EINTR) return -errno;
    }
}

ssize_t socket_stream::look(std::span<char> into) noexcept {
    for (;;) {
        const ssize_t seen =
            system_calls::recv(socket_.number(), into.data(), into.size(), MSG_PEEK);
        if (seen >= 0) return seen;
        if (errno != EINTR) return -errno;
    }
}

ssize_t socket_stream::send(const pieces& what) noexcept {
    std::array<iovec, pieces::count_max> runs;
    std::size_t count = 0;
    for (const auto view : what.views()) {
        if (view.empty()) continue;
        runs[count++] = {const_cast<char*>(view.data()), view.size()};
    }
    if (count == 0) return 0;
    for (;;) {
        ssize_t sent = 0;
        if (count == 1) {
            sent = system_calls::send(socket_.number(), runs[0].iov_base, runs[0].iov_len,
                                      MSG_NOSIGNAL);
        } else {
            msghdr message{};
            message.msg_iov = runs.data();
            message.msg_iovlen = count;
            sent = system_calls::sendmsg(socket_.number(), message, MSG_NOSIGNAL);
        }
        if (sent >= 0) return sent;
        if (errno != EINTR) return -errno;
    }
}

std::optional<uid_t> socket_stream::peer_user() const {
    if (local().family() != endpoint::kind::unix_path) return std::nullopt;
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(socket_.number(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
        return std::nullopt;
    return who.uid;
}

std::optional<path_state> socket_stream::path() const { return tcp_path_of(socket_.number()); }

int socket_stream::connect_outcome() noexcept {
    if (!connecting_) return 0;
    if (!may_stand_) return EINPROGRESS;
    int outcome = 0;
    socklen_t size = sizeof outcome;
    if (::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &outcome, &size) != 0) return errno;
    connecting_ = false;
    return outcome;
}

void socket_stream::shut_down_writing() noexcept { ::shutdown(socket_.number(), SHUT_WR); }

void socket_stream::reset_on_close() noexcept {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool socket_stream::has_input() noexcept {
    char byte = 0;
    const ssize_t seen = system_calls::recv(socket_.number(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen >= 0 || errno != EAGAIN;
}

endpoint socket_stream::peer() const { return address_by(::getpeername, socket_.number()); }

endpoint socket_stream::local() const { return address_by(::getsockname, socket_.number()); }

}  // namespace hawser::io
