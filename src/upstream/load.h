// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/ensure.h"
#include "upstream/response_time.h"

namespace hawser::upstream {

/// A number that one thread writes and any thread reads: no locked instruction on the hot path.
template <typename Number>
class single_writer {
  public:
    void add(Number amount = 1) noexcept {
        value_.store(static_cast<Number>(value_.load(std::memory_order_relaxed) + amount),
                     std::memory_order_relaxed);
    }
    void subtract(Number amount = 1) noexcept {
        value_.store(static_cast<Number>(value_.load(std::memory_order_relaxed) - amount),
                     std::memory_order_relaxed);
    }
    [[nodiscard]] Number read() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<Number> value_{0};
};

/// How an exchange with a server failed, as `server_errors_total{kind}` shows it.
enum class failure : std::uint8_t {
    connect,    ///< refused, unreachable or not connected in time: nothing was sent
    no_answer,  ///< the connection ended, or spoke no HTTP, before a whole head came
    timed_out,  ///< no first byte, or no whole head, in time
    status,     ///< an answer that says the server is unwell: 5xx, but not 501 and 505
    cut,        ///< the body ended before its end
};

[[nodiscard]] std::string_view name_of(failure kind) noexcept;

/// How exchanges with a server have ended since start, for those who compare servers.
struct outcome_counts {
    single_writer<std::uint64_t> all;          ///< judged: answered or failed
    single_writer<std::uint64_t> failed;       ///< of those
    single_writer<std::uint64_t> answered;     ///< answers that have begun
    single_writer<std::uint64_t> answer_time;  ///< microseconds in all until they began
};

/// What one worker has with one server: only that worker writes it, on a pair of cache lines of its
/// own (processors fetch them in pairs).
struct alignas(128) worker_load {
    single_writer<std::uint32_t> in_flight;    ///< requests and tunnels
    single_writer<std::uint32_t> connections;  ///< open, idle ones included
    single_writer<std::uint64_t> requests;     ///< begun since start, retries included
    single_writer<std::uint64_t> connects;     ///< connections opened since start
    response_time response;                    ///< measured where the pool's balancer asks for it
    outcome_counts outcomes;
};

/// The sum over all workers at one moment, for metrics and `hawser status`.
struct load_totals {
    std::uint64_t in_flight = 0;
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;
    std::uint64_t connects = 0;
    std::uint64_t outcomes = 0;
    std::uint64_t failed = 0;
    std::uint64_t answered = 0;
    std::uint64_t answer_time = 0;  ///< microseconds
};

/// A server's load: each worker counts in its own block, and whoever asks sums them up.
class load {
  public:
    explicit load(std::size_t workers);

    [[nodiscard]] worker_load& of_worker(std::size_t worker) noexcept {
        ensure(worker < workers_, "a worker's number is below the number of workers");
        return blocks_[worker];
    }

    /// Requests and tunnels that all workers have with the server now.
    [[nodiscard]] std::uint32_t in_flight() const noexcept {
        std::uint32_t sum = 0;
        for (std::size_t worker = 0; worker < workers_; ++worker)
            sum += blocks_[worker].in_flight.read();
        return sum;
    }

    /// How long answers take to begin, in nanoseconds: what all workers have measured, each as much
    /// as it is fresh, and less in all the longer nobody has heard of the server. 0: nobody has.
    [[nodiscard]] double response_time(steady_time now) const noexcept;

    [[nodiscard]] load_totals totals() const noexcept;

  private:
    std::size_t workers_;
    std::unique_ptr<worker_load[]> blocks_;
};

/// How many sessions a server is home of, and how many it may be: what the registry has told last,
/// and what was bound to it since. Only for pools whose balancer asks for it, and servers with
/// `max-sessions`.
class session_count {
  public:
    explicit session_count(std::uint32_t maximum = 0) noexcept : maximum_(maximum) {}

    [[nodiscard]] std::uint32_t read() const noexcept {
        return count_.load(std::memory_order_relaxed);
    }
    void set(std::uint32_t told) noexcept { count_.store(told, std::memory_order_relaxed); }
    /// `told` is the truth of some moment after `before` was read: what was bound since stays
    /// counted, once too often rather than not at all.
    void correct(std::uint32_t before, std::uint32_t told) noexcept {
        count_.fetch_add(told - before, std::memory_order_relaxed);
    }
    void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
    void subtract() noexcept { count_.fetch_sub(1, std::memory_order_relaxed); }

    /// 0: no limit. Lowered below what is there, it sends no session away.
    [[nodiscard]] std::uint32_t maximum() const noexcept {
        return maximum_.load(std::memory_order_relaxed);
    }
    void set_maximum(std::uint32_t wanted) noexcept {
        maximum_.store(wanted, std::memory_order_relaxed);
    }
    /// No new session may come.
    [[nodiscard]] bool is_full() const noexcept {
        const std::uint32_t most = maximum();
        return most != 0 && read() >= most;
    }
    /// One more, if it may come; of many at once, none too many.
    [[nodiscard]] bool take() noexcept {
        const std::uint32_t most = maximum();
        std::uint32_t seen = read();
        do {
            if (most != 0 && seen >= most) return false;
        } while (!count_.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed));
        return true;
    }

  private:
    std::atomic<std::uint32_t> count_{0};
    std::atomic<std::uint32_t> maximum_;
};

/// Counts one request as in flight from its construction to its end, on its own worker.
class request_mark {
  public:
    explicit request_mark(worker_load& counted) noexcept : counted_(counted) {
        counted_.in_flight.add();
        counted_.requests.add();
    }
    ~request_mark() { counted_.in_flight.subtract(); }
    request_mark(const request_mark&) = delete;
    request_mark& operator=(const request_mark&) = delete;

  private:
    worker_load& counted_;
};

}  // namespace hawser::upstream
