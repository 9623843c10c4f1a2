// SPDX-License-Identifier: Apache-2.0
#include "io/passing.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/ensure.h"

namespace hawser::io {

namespace {

constexpr std::size_t room = CMSG_SPACE(passed_at_once_max * sizeof(int));

}  // namespace

result<std::size_t> send_with(int socket, std::string_view text, std::span<const int> descriptors) {
    ensure(descriptors.size() <= passed_at_once_max, "so many descriptors go at once");
    iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    alignas(cmsghdr) std::array<char, room> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* const head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
    }
    for (;;) {
        const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent >= 0) return std::size_t(sent);
        if (errno == EAGAIN) return fail(errc::unavailable);
        if (errno != EINTR) return std::unexpected(system_error(errno, "sendmsg"));
    }
}

result<std::size_t> receive_with(int socket, std::span<std::uint8_t> into,
                                 std::vector<descriptor>& passed) {
    iovec piece{.iov_base = into.data(), .iov_len = into.size()};
    alignas(cmsghdr) std::array<char, room> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return fail(errc::unavailable);
    if (got < 0) return std::unexpected(system_error(errno, "recvmsg"));
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
         head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(head) + i * sizeof(int), sizeof number);
            passed.emplace_back(number);
        }
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        return fail(errc::exhausted, "descriptors that were passed found no place");
    return std::size_t(got);
}

}  // namespace hawser::io
