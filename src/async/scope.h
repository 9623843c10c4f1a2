// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include "async/loop.h"
#include "async/task.h"

namespace hawser {

/// Owns coroutines that run beside their parent. They end before it does: `co_await join()` before
/// the scope dies, ensured.
class scope {
  public:
    /// What is spawned runs under `conditions`, which must outlive the scope.
    explicit scope(const context& conditions = unlimited) : conditions_(conditions) {}
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { ensure(running_ == 0, "a scope is joined before it dies"); }

    /// Starts `work` at its turn in the ready queue.
    void spawn(task<> work) {
        ++running_;
        child begun = run(*this, std::move(work));
        begun.coroutine.promise().conditions = &conditions_;
        loop::current().make_ready(begun.coroutine.promise());
    }

    [[nodiscard]] std::size_t running() const noexcept { return running_; }

    /// Waits until everything that was spawned has ended. One at a time.
    [[nodiscard]] auto join() noexcept { return joiner{*this}; }

  private:
    /// The coroutine around a spawned task; destroys itself at its end.
    struct child {
        struct promise_type final : promise_base, runnable {
            child get_return_object() noexcept {
                return {std::coroutine_handle<promise_type>::from_promise(*this)};
            }
            std::suspend_never final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            void run() override {
                std::coroutine_handle<promise_type>::from_promise(*this).resume();
            }
        };
        std::coroutine_handle<promise_type> coroutine;
    };

    struct joiner final : runnable {
        explicit joiner(scope& joined) : of(joined) {}
        [[nodiscard]] bool await_ready() const noexcept { return of.running_ == 0; }
        void await_suspend(std::coroutine_handle<> awaiting) noexcept {
            waiting = awaiting;
            of.joiner_ = this;
        }
        void await_resume() const noexcept {}
        void run() override { waiting.resume(); }

        scope& of;
        std::coroutine_handle<> waiting;
    };

    static child run(scope& owner, task<> work) {
        {
            task<> owned = std::move(work);
            co_await std::move(owned);
        }
        owner.ended();
    }

    void ended() {
        if (--running_ == 0 && joiner_ != nullptr)
            loop::current().make_ready(*std::exchange(joiner_, nullptr));
    }

    const context& conditions_;
    std::size_t running_ = 0;
    joiner* joiner_ = nullptr;
};

}  // namespace hawser
