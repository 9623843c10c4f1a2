// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "io/path_state.h"

namespace hawser::io {

/// What the kernel knows of a TCP connection (TCP_INFO); nothing of another socket.
[[nodiscard]] std::optional<path_state> tcp_path_of(int socket) noexcept;

}  // namespace hawser::io
