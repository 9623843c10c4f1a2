// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/epoll/descriptor.h"

namespace hawser::io {

/// At most so many descriptors go with one message; the kernel's own limit is 253.
inline constexpr std::size_t passed_at_once_max = 64;

/// Sends `text`, not empty, over a connected unix socket, and descriptors with its first byte.
/// Returns how much of it was sent, all of a datagram; `unavailable` if nothing can be just now.
[[nodiscard]] result<std::size_t> send_with(int socket, std::string_view text,
                                            std::span<const int> descriptors);

/// Receives bytes, and what descriptors come with them. 0: the other side has ended;
/// `unavailable` if nothing has come.
[[nodiscard]] result<std::size_t> receive_with(int socket, std::span<std::uint8_t> into,
                                               std::vector<descriptor>& passed);

}  // namespace hawser::io
