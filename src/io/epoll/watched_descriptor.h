// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "io/descriptor_watch.h"
#include "io/epoll/event_target.h"

namespace hawser::io {

/// Somebody else's descriptor under epoll, level-triggered: who reads it need not read it empty.
class watched_descriptor final : public descriptor_watch, public event_target {
  public:
    static result<std::unique_ptr<descriptor_watch>> begin(int epoll, int number, readiness wanted,
                                                           descriptor_user& told) {
        auto made = std::make_unique<watched_descriptor>(epoll, number, told);
        epoll_event event{};
        event.events = (wanted.readable ? unsigned(EPOLLIN) : 0U) |
                       (wanted.writable ? unsigned(EPOLLOUT) : 0U);
        event.data.ptr = static_cast<event_target*>(made.get());
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, number, &event) != 0)
            return std::unexpected(system_error(errno, "epoll_ctl"));
        return made;
    }

    watched_descriptor(int epoll, int number, descriptor_user& told)
        : epoll_(epoll), number_(number), told_(told) {}
    ~watched_descriptor() override { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, number_, nullptr); }

    /// Errors and ends count as both: whoever tries next learns what it is.
    void happened(std::uint32_t events) noexcept override {
        const bool is_over = (events & (EPOLLERR | EPOLLHUP)) != 0;
        told_.became_ready(number_, {.readable = is_over || (events & EPOLLIN) != 0,
                                     .writable = is_over || (events & EPOLLOUT) != 0});
    }

  private:
    int epoll_;
    int number_;
    descriptor_user& told_;
};

}  // namespace hawser::io
