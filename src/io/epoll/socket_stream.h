// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/epoll/descriptor.h"
#include "io/epoll/event_target.h"
#include "io/source.h"
#include "io/stream.h"

namespace hawser::io {

/// A TCP or unix connection under edge-triggered epoll.
class socket_stream final : public stream, public event_target {
  public:
    static result<std::unique_ptr<stream>> connect(int epoll, hot_buffer& hot, const endpoint& to,
                                                   const source& from);
    /// Takes over a connection that was accepted.
    static result<std::unique_ptr<stream>> adopt(int epoll, hot_buffer& hot, descriptor accepted);

    socket_stream(hot_buffer& hot, descriptor socket) : stream(hot), socket_(std::move(socket)) {}

    void shut_down_writing() noexcept override;
    void reset_on_close() noexcept override;
    bool has_input() noexcept override;
    endpoint peer() const override;
    endpoint local() const override;
    std::optional<uid_t> peer_user() const override;
    std::optional<path_state> path() const override;

    void happened(std::uint32_t events) noexcept override;

  private:
    ssize_t receive(std::span<char> into) noexcept override;
    ssize_t send(const pieces& what) noexcept override;
    ssize_t look(std::span<char> into) noexcept override;
    int connect_outcome() noexcept override;

    descriptor socket_;
    bool connecting_ = false;
    bool may_stand_ = false;  ///< an event came, or connect() succeeded at once
};

}  // namespace hawser::io
