// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>

#include "base/result.h"

namespace hawser::io {

/// What an epoll event points to.
class event_target {
  public:
    virtual void happened(std::uint32_t events) noexcept = 0;

    /// Registers `number`, once and for its whole life; closing the descriptor ends it.
    [[nodiscard]] result<> attach(int epoll, int number, std::uint32_t events) {
        epoll_event event{};
        event.events = events | EPOLLET;
        event.data.ptr = this;
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, number, &event) != 0)
            return std::unexpected(system_error(errno, "epoll_ctl"));
        return {};
    }

  protected:
    ~event_target() = default;
};

}  // namespace hawser::io
