// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

namespace hawser::io {

/// Sets an option whose failure does no harm: the kernel's default goes on.
inline void set_option(int socket, int level, int name, int value) noexcept {
    ::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace hawser::io
