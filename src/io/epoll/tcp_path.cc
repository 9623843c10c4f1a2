// SPDX-License-Identifier: Apache-2.0
#include "io/epoll/tcp_path.h"

// The kernel's own: the C library's tcp_info is older and knows of no segments.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace hawser::io {

std::optional<path_state> tcp_path_of(int socket) noexcept {
    tcp_info told{};
    socklen_t size = sizeof told;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &told, &size) != 0) return std::nullopt;
    // Since Linux 4.2; of an older one these stay 0.
    return path_state{.round_trip = std::chrono::microseconds(told.tcpi_rtt),
                      .segments = told.tcpi_segs_out,
                      .retransmits = told.tcpi_total_retrans};
}

}  // namespace hawser::io
