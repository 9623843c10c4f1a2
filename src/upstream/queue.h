// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <utility>

#include "upstream/places.h"

namespace hawser::upstream {

class pool;
class waiter;
struct release;

/// Where one worker hears that some of its waiters were called.
class bell {
  public:
    /// Has `tell_called` called on the worker's thread, soon. From any thread; takes no place and
    /// gives none back.
    virtual void ring() noexcept = 0;

  protected:
    bell() = default;
    ~bell() = default;

    /// Tells all that were called since the last time.
    void tell_called();

  private:
    friend class queue;

    /// True if it was the first, so that the bell has to be rung.
    bool add(waiter& called) noexcept;

    std::atomic<waiter*> called_{nullptr};  // a stack
};

/// A request that waits for a place at a server. Its owner, on one worker, fills in for what, has
/// it `enter`, and must have it `leave` before it dies.
class waiter {
  public:
    explicit waiter(bell& rings) : bell_(rings) {}
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    const upstream::pool* of = nullptr;  ///< any of its servers may give the place
    server* home = nullptr;              ///< of its session; null: it has none there
    bool waits_for_home = false;         ///< and for no other
    /// It wants no place before its home is fit again, and then looks again. Only with the former.
    bool waits_for_health = false;
    std::span<const server* const> tried = {};
    const release* of_release = nullptr;  ///< no other server will do; null: any
    /// `queue::changes()` before it was looked where the request may go.
    std::uint64_t seen = 0;

    /// On its worker: it has a place, or has to look again.
    virtual void called() = 0;

    /// After it left: whose place it got, with the place; null: none.
    [[nodiscard]] server* take_granted(place& into) noexcept {
        into = std::move(place_);
        return std::exchange(granted_, nullptr);
    }

  protected:
    ~waiter() = default;

  private:
    friend class bell;
    friend class line;
    friend class queue;

    bell& bell_;
    std::uint64_t ticket_ = 0;  ///< its turn; 0: it never came in
    bool is_waiting_ = false;
    bool was_called_ = false;
    server* granted_ = nullptr;
    place place_;
    waiter* previous_ = nullptr;
    waiter* next_ = nullptr;
    waiter* next_called_ = nullptr;
};

/// Waiters in the order of their turns.
class line {
  public:
    [[nodiscard]] waiter* first() const noexcept { return first_; }
    [[nodiscard]] static waiter* after(const waiter& one) noexcept { return one.next_; }
    /// From any thread.
    [[nodiscard]] std::uint32_t size() const noexcept {
        return size_.load(std::memory_order_relaxed);
    }

    void insert(waiter& one) noexcept;
    void remove(waiter& one) noexcept;

  private:
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
    std::atomic<std::uint32_t> size_{0};
};

/// Requests of one pool that wait for a place at its servers, from all workers: those that wait for
/// their home, and those that go to whichever server has room first. A place that comes free goes
/// to the longest waiting of the first kind, then of the second.
///
/// One queue a pool, kept over reloads. Its lock is held for as long as it takes to hand over one
/// place, and taken only by who waits, and by who gives back a place while somebody does.
class queue {
  public:
    enum class entry : std::uint8_t {
        waits,
        granted,  ///< it had a place at once, and does not wait
        changed,  ///< something did since it looked: it must look again
        full,     ///< so many wait already
    };

    queue() = default;
    queue(const queue&) = delete;
    queue& operator=(const queue&) = delete;

    /// By the settings of `who.of`. One that comes in again has the turn it had.
    [[nodiscard]] entry enter(waiter& who);
    /// It waits no more. What it was granted meanwhile it still has.
    void leave(waiter& who);

    /// How many wait.
    [[nodiscard]] std::uint32_t waiting() const noexcept { return waiting_.load(); }
    /// Of those, who go to any server.
    [[nodiscard]] std::uint32_t waiting_for_any() const noexcept { return for_any_.size(); }

    /// Something has changed about where requests may go: those who go anywhere look again.
    void look_again() noexcept;
    /// The same of one server: so do those who wait for it.
    void look_again_at(server& one) noexcept;
    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_.load(); }

    /// A place at `at`, still taken, goes to the first who waits for it; false: nobody may have it.
    bool pass_on(server& at) noexcept;
    /// There may be room at `at`: as many as it has room for have a place.
    void serve(server& at) noexcept;

  private:
    [[nodiscard]] waiter* first_for(server& at) const noexcept;
    // `by` comes in just now, and need not be called; null: nobody does.
    void serve(server& at, const waiter* by) noexcept;
    void grant(waiter& who, server& at, place from, const waiter* by) noexcept;
    void call(waiter& who, const waiter* by) noexcept;
    void take_out(waiter& who) noexcept;

    std::mutex lock_;
    line for_any_;
    std::uint64_t tickets_ = 0;
    std::atomic<std::uint32_t> waiting_{0};
    std::atomic<std::uint64_t> changes_{1};
};

}  // namespace hawser::upstream
