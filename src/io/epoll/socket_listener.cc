// SPDX-License-Identifier: Apache-2.0
#include "io/epoll/socket_listener.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "io/epoll/descriptor.h"
#include "io/epoll/socket_stream.h"

namespace hawser::io {

result<std::unique_ptr<listener>> socket_listener::open(int epoll, hot_buffer& hot,
                                                        listening_socket socket) {
    const int number = socket.descriptor();
    auto opened = std::make_unique<socket_listener>(epoll, hot, std::move(socket));
    auto attached = opened->attach(epoll, number, EPOLLIN);
    if (!attached) return std::unexpected(std::move(attached.error()));
    return opened;
}

socket_listener::~socket_listener() {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket_.descriptor(), nullptr);
}

listener::accepted socket_listener::try_accept() noexcept {
    for (;;) {
        descriptor taken(
            ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (taken) return socket_stream::adopt(epoll_, hot_, std::move(taken));
        switch (errno) {
            case EINTR:
            case ECONNABORTED:
            case EPROTO: continue;  // that client is gone; the next one may be there
            case EAGAIN: return fail(errc::unavailable);
            default: return std::unexpected(system_error(errno, "accept"));
        }
    }
}

endpoint socket_listener::local() const { return socket_.local().value_or(endpoint()); }

}  // namespace hawser::io
