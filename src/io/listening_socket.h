// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/result.h"
#include "io/endpoint.h"

namespace hawser::io {

/// A socket that listens already, not yet given to a worker. Owns its descriptor.
class listening_socket {
  public:
    listening_socket() = default;
    explicit listening_socket(int descriptor) : descriptor_(descriptor) {}
    listening_socket(listening_socket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)) {}
    listening_socket& operator=(listening_socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~listening_socket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
    /// Where it listens, with the port that the system chose for port 0.
    [[nodiscard]] result<endpoint> local() const;
    /// Another descriptor of the same socket.
    [[nodiscard]] result<listening_socket> duplicate() const;

  private:
    int descriptor_ = -1;
};

enum class sharing {
    exclusive,  ///< taken ports are an error
    shared,     ///< SO_REUSEPORT: each worker has a socket, and the kernel spreads connections
};

/// Opens a socket at `at` and listens. `address_in_use` when the port is taken. A unix socket's
/// left-over file is replaced when nobody answers on it; `mode` is its file's.
[[nodiscard]] result<listening_socket> open_listening(const endpoint& at, sharing how,
                                                      unsigned mode = 0666);

/// Takes over a descriptor that the process was given. `invalid` if it is no stream socket that
/// listens.
[[nodiscard]] result<listening_socket> adopt_listening(int descriptor);

/// Removes the file of a unix socket on which nobody listens any more: it would be in the way of
/// the next one. One that answers is in use, and stays.
void remove_left_over(const endpoint& at);

/// Sees whether anybody listens at `at`: SO_REUSEPORT would hide it. Port 0 is always free.
[[nodiscard]] result<> check_free(const endpoint& at);

}  // namespace hawser::io
