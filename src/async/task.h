// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/context.h"
#include "async/frame_pool.h"
#include "base/ensure.h"
#include "base/result.h"

namespace hawser {

template <typename T>
class task;

/// What every coroutine's promise has: who goes on after it, under which context it runs, and
/// where its frame comes from.
class promise_base {
  public:
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
        frame_pool::give_back(frame, size);
    }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

    /// Hands the context down to whatever is awaited.
    template <typename Awaited>
    Awaited&& await_transform(Awaited&& awaited) {
        if constexpr (requires { awaited.inherit(*conditions); }) awaited.inherit(*conditions);
        return std::forward<Awaited>(awaited);
    }

    std::coroutine_handle<> continuation = std::noop_coroutine();
    const context* conditions = &unlimited;
};

namespace detail {

struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
        return done.promise().continuation;
    }
    void await_resume() const noexcept {}
};

template <typename T>
class promise_of : public promise_base {
  public:
    task<T> get_return_object() noexcept;
    final_awaiter final_suspend() const noexcept { return {}; }
    template <typename Value>
    void return_value(Value&& value) {
        value_.emplace(std::forward<Value>(value));
    }
    T take() { return std::move(*value_); }
    [[nodiscard]] const T& value() const { return *value_; }

  private:
    std::optional<T> value_;
};

template <>
class promise_of<void> : public promise_base {
  public:
    task<void> get_return_object() noexcept;
    final_awaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

/// A coroutine that starts when it is awaited, once, on the thread of whoever awaits it.
///
/// It owns its frame; what it awaits inherits its context (deadline, idle limit, stop). Reference
/// parameters must outlive it.
template <typename T = void>
class [[nodiscard]] task {
  public:
    using promise_type = detail::promise_of<T>;
    using value_type = T;
    using handle = std::coroutine_handle<promise_type>;

    explicit task(handle coroutine) noexcept : coroutine_(coroutine) {}
    task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    task& operator=(task&&) = delete;
    ~task() {
        if (coroutine_) coroutine_.destroy();
    }

    void inherit(const context& conditions) noexcept {
        coroutine_.promise().conditions = &conditions;
    }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        coroutine_.promise().continuation = awaiting;
        return coroutine_;
    }
    T await_resume() { return coroutine_.promise().take(); }

  private:
    handle coroutine_;
};

namespace detail {

template <typename T>
task<T> promise_of<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<promise_of<T>>::from_promise(*this));
}

inline task<void> promise_of<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<promise_of<void>>::from_promise(*this));
}

}  // namespace detail

}  // namespace hawser
