// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/epoll/event_target.h"
#include "io/listener.h"
#include "io/listening_socket.h"

namespace hawser::io {

/// A listening socket under edge-triggered epoll.
class socket_listener final : public listener, public event_target {
  public:
    static result<std::unique_ptr<listener>> open(int epoll, hot_buffer& hot,
                                                  listening_socket socket);

    socket_listener(int epoll, hot_buffer& hot, listening_socket socket)
        : epoll_(epoll), hot_(hot), socket_(std::move(socket)) {}

    /// Others may hold the same socket: then closing it here alone would not end its events.
    ~socket_listener() override;

    accepted try_accept() noexcept override;
    endpoint local() const override;

    void happened(std::uint32_t) noexcept override { notice(); }

  private:
    int epoll_;
    hot_buffer& hot_;
    listening_socket socket_;
};

}  // namespace hawser::io
