// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>

#include "async/context.h"
#include "async/loop.h"
#include "async/stop.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "io/stream.h"

namespace hawser::io {

/// Where connections arrive. One coroutine accepts at a time; destroying it closes it.
class listener {
  public:
    class [[nodiscard]] accept_wait;
    using accepted = result<std::unique_ptr<stream>>;

    virtual ~listener() = default;

    /// Waits for a connection. `exhausted` when no descriptor is left: the connection stays in the
    /// backlog, try later. `cancelled` by the context.
    accept_wait accept() noexcept;

    /// Takes a connection that is there already: not waiting, `unavailable` when there is none.
    [[nodiscard]] virtual accepted try_accept() noexcept = 0;
    [[nodiscard]] virtual endpoint local() const = 0;

    /// The engine says that connections may be there.
    void notice() noexcept;

  private:
    bool has_had_its_turn() noexcept;

    accept_wait* waiting_ = nullptr;
    std::uint64_t turn_ = 0;
    unsigned accepts_in_turn_ = 0;
};

class listener::accept_wait final : runnable, stop_listener {
  public:
    explicit accept_wait(listener& from) : from_(from) {}
    /// Only before it is awaited.
    accept_wait(accept_wait&& other) noexcept
        : from_(other.from_), conditions_(other.conditions_) {}

    void inherit(const context& conditions) noexcept { conditions_ = &conditions; }
    [[nodiscard]] bool await_ready();
    void await_suspend(std::coroutine_handle<> awaiting);
    [[nodiscard]] accepted await_resume() { return std::move(outcome_); }

  private:
    friend class listener;

    bool attempt();
    void stopped() noexcept override;
    void run() override;

    listener& from_;
    const context* conditions_ = &unlimited;
    std::coroutine_handle<> waiting_;
    accepted outcome_ = fail(errc::cancelled);
    bool stopped_ = false;
};

inline listener::accept_wait listener::accept() noexcept { return accept_wait(*this); }

}  // namespace hawser::io
