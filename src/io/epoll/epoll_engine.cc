// SPDX-License-Identifier: Apache-2.0
#include "io/epoll/epoll_engine.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "io/epoll/descriptor.h"
#include "io/epoll/socket_listener.h"
#include "io/epoll/socket_stream.h"
#include "io/epoll/system_calls.h"
#include "io/epoll/watched_descriptor.h"

namespace hawser::io {

namespace {

constexpr std::size_t events_max = 256;

/// Rounds up: waking early only to wait again would spin.
int milliseconds_until(steady_time end, steady_time now) {
    if (end == no_deadline) return -1;
    if (end <= now) return 0;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now).count();
    return left > 60'000 ? 60'000 : int(left);
}

class epoll_engine final : public engine {
  public:
    epoll_engine(descriptor epoll, descriptor bell)
        : epoll_(std::move(epoll)), bell_(std::move(bell)) {}

    result<std::unique_ptr<stream>> connect(const endpoint& to, const source& from) override {
        return socket_stream::connect(epoll_.number(), hot_, to, from);
    }

    result<std::unique_ptr<listener>> listen(listening_socket socket) override {
        return socket_listener::open(epoll_.number(), hot_, std::move(socket));
    }

    result<std::unique_ptr<descriptor_watch>> watch(int descriptor, readiness wanted,
                                                    descriptor_user& told) override {
        return watched_descriptor::begin(epoll_.number(), descriptor, wanted, told);
    }

    void wait(steady_time end) override {
        std::array<epoll_event, events_max> events;
        const int timeout = milliseconds_until(end, std::chrono::steady_clock::now());
        int count =
            system_calls::epoll_wait(epoll_.number(), events.data(), int(events.size()), timeout);
        // A process that was stopped looks at what came meanwhile before its timers expire.
        if (count < 0 && errno == EINTR)
            count = system_calls::epoll_wait(epoll_.number(), events.data(), int(events.size()), 0);
        for (int i = 0; i < count; ++i) {
            const epoll_event& seen = events[std::size_t(i)];
            if (seen.data.ptr == nullptr)
                quiet_bell();
            else
                static_cast<event_target*>(seen.data.ptr)->happened(seen.events);
        }
    }

    void wake() noexcept override {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(bell_.number(), &one, sizeof one);
    }

    instant clock() const override { return read_clocks(); }

  private:
    void quiet_bell() noexcept {
        std::uint64_t rung = 0;
        [[maybe_unused]] const ssize_t read = ::read(bell_.number(), &rung, sizeof rung);
    }

    descriptor epoll_;
    descriptor bell_;
    hot_buffer hot_;
};

}  // namespace

result<std::unique_ptr<engine>> make_epoll_engine() {
    descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return std::unexpected(system_error(errno, "epoll_create1"));
    descriptor bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!bell) return std::unexpected(system_error(errno, "eventfd"));

    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = nullptr;
    if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, bell.number(), &event) != 0)
        return std::unexpected(system_error(errno, "epoll_ctl"));
    return std::make_unique<epoll_engine>(std::move(epoll), std::move(bell));
}

}  // namespace hawser::io
