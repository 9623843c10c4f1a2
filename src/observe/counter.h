// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::observe {

/// A number that one thread counts up and any thread reads. Adding costs a plain addition.
class counter {
  public:
    void add(std::uint64_t more = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t value() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<std::uint64_t> value_ = 0;
};

/// Upper ends of the buckets for requests, from 0.1 ms to a minute.
inline constexpr auto request_bounds = std::to_array<std::chrono::microseconds>(
    {std::chrono::microseconds(100), std::chrono::microseconds(250), std::chrono::microseconds(500),
     std::chrono::milliseconds(1), std::chrono::microseconds(2500), std::chrono::milliseconds(5),
     std::chrono::milliseconds(10), std::chrono::milliseconds(25), std::chrono::milliseconds(50),
     std::chrono::milliseconds(100), std::chrono::milliseconds(250), std::chrono::milliseconds(500),
     std::chrono::seconds(1), std::chrono::milliseconds(2500), std::chrono::seconds(5),
     std::chrono::seconds(10), std::chrono::seconds(30), std::chrono::minutes(1)});

/// Upper ends of the buckets for sessions, from a second to a week.
inline constexpr auto session_bounds = std::to_array<std::chrono::microseconds>(
    {std::chrono::seconds(1), std::chrono::seconds(10), std::chrono::minutes(1),
     std::chrono::minutes(5), std::chrono::minutes(15), std::chrono::minutes(30),
     std::chrono::hours(1), std::chrono::hours(3), std::chrono::hours(6), std::chrono::hours(12),
     std::chrono::hours(24), std::chrono::hours(72), std::chrono::hours(168)});

/// How durations spread over fixed buckets; written by one thread, read by any.
template <const auto& Bounds>
class basic_histogram {
  public:
    static constexpr std::size_t buckets = Bounds.size() + 1;  ///< the last one has no upper end

    /// `many` that took as long each.
    void add(std::chrono::microseconds duration, std::uint64_t many = 1) noexcept {
        const auto value = static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count());
        counts_[bucket_of(value)].add(many);
        sum_.add(many * value);
    }

    [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept {
        return counts_[bucket].value();
    }
    [[nodiscard]] std::chrono::microseconds sum() const noexcept {
        return std::chrono::microseconds(sum_.value());
    }

    static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        std::size_t bucket = first_bucket[static_cast<std::size_t>(std::bit_width(value))];
        while (bucket < Bounds.size() && value > static_cast<std::uint64_t>(Bounds[bucket].count()))
            ++bucket;
        return bucket;
    }

  private:
    /// By the number of a value's bits, the first bucket that it can be in: the rest is two steps.
    static constexpr auto first_bucket = [] {
        std::array<std::uint8_t, 65> first{};
        for (std::size_t bits = 1; bits < first.size(); ++bits) {
            const std::uint64_t least = std::uint64_t{1} << (bits - 1);
            std::uint8_t bucket = 0;
            while (bucket < Bounds.size() &&
                   static_cast<std::uint64_t>(Bounds[bucket].count()) < least)
                ++bucket;
            first[bits] = bucket;
        }
        return first;
    }();

    std::array<counter, buckets> counts_;
    counter sum_;
};

using request_histogram = basic_histogram<request_bounds>;
using session_histogram = basic_histogram<session_bounds>;

/// Counters by a cause, for the few dozen static texts that code of ours can give. One thread
/// writes, any reads. The first `Capacity - 1` causes seen have a counter each, all others share
/// one called `other`, so that the number of time series is bounded whatever happens.
template <std::size_t Capacity>
class cause_counters {
  public:
    /// `cause`, and `of` where a second text belongs to it, must live as long as the process.
    void add(std::string_view cause, std::string_view of = {}) noexcept {
        const std::size_t used = used_.load(std::memory_order_relaxed);
        for (std::size_t index = 0; index < used; ++index)
            if (entries_[index].cause == cause && entries_[index].of == of)
                return entries_[index].count.add();
        if (used == Capacity - 1) return other_.add();
        entries_[used].cause = cause;
        entries_[used].of = of;
        entries_[used].count.add();
        used_.store(used + 1, std::memory_order_release);
    }

    /// Calls `visit(cause, of, count)` for each cause seen so far.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        const std::size_t used = used_.load(std::memory_order_acquire);
        for (std::size_t index = 0; index < used; ++index) {
            const entry& each = entries_[index];
            visit(each.cause, each.of, each.count.value());
        }
        if (other_.value() != 0)
            visit(std::string_view("other"), std::string_view(), other_.value());
    }

  private:
    struct entry {
        std::string_view cause;
        std::string_view of;
        counter count;
    };

    std::array<entry, Capacity - 1> entries_;
    std::atomic<std::size_t> used_ = 0;
    counter other_;
};

/// How often affinity came to which verdict for which cause; both by their enumerators' numbers.
class verdict_counters {
  public:
    void add(std::size_t verdict, std::size_t cause) noexcept {
        ensure(verdict < limits::counted_verdicts_max && cause < limits::counted_causes_max,
               "verdicts and causes are small enumerations");
        counts_[verdict][cause].add();
    }

    [[nodiscard]] std::uint64_t value(std::size_t verdict, std::size_t cause) const noexcept {
        return counts_[verdict][cause].value();
    }

  private:
    std::array<std::array<counter, limits::counted_causes_max>, limits::counted_verdicts_max>
        counts_;
};

}  // namespace hawser::observe
