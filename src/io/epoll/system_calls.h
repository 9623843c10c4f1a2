// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

/// The system calls of every request, as the kernel knows them.
///
/// The C library's own are points where a thread may be cancelled; in a process of several threads
/// each call pays for that with two atomic exchanges, together 100 ns a request (perf). Nobody
/// cancels threads here. Results as theirs: -1 and errno.
namespace hawser::io::system_calls {

inline ssize_t recv(int socket, void* into, std::size_t size, int flags) noexcept {
    return ::syscall(SYS_recvfrom, socket, into, size, flags, nullptr, nullptr);
}

inline ssize_t send(int socket, const void* what, std::size_t size, int flags) noexcept {
    return ::syscall(SYS_sendto, socket, what, size, flags, nullptr, 0);
}

inline ssize_t sendmsg(int socket, const msghdr& what, int flags) noexcept {
    return ::syscall(SYS_sendmsg, socket, &what, flags);
}

inline int epoll_wait(int epoll, epoll_event* events, int count, int milliseconds) noexcept {
    return int(::syscall(SYS_epoll_pwait, epoll, events, count, milliseconds, nullptr, 0));
}

}  // namespace hawser::io::system_calls
