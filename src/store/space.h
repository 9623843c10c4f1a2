// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace hawser::store {

/// What may lie in one place at the most.
struct room {
    std::uint64_t records = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
};

/// Counts what lies in one place, and never lets it be more than there is room for, whoever comes
/// at the same time.
class occupancy {
  public:
    explicit occupancy(const room& most = {}) { set_room(most); }

    /// From now on; what is there already stays.
    void set_room(const room& most) noexcept {
        records_max_.store(most.records, std::memory_order_relaxed);
        bytes_max_.store(most.bytes, std::memory_order_relaxed);
    }

    /// Makes the place hold so much more, or less. False, and nothing is changed: it would grow
    /// past its bounds.
    [[nodiscard]] bool change(std::int64_t records, std::int64_t bytes) noexcept {
        if (!change_one(records_, records, records_max_)) return false;
        if (change_one(bytes_, bytes, bytes_max_)) return true;
        records_.fetch_sub(std::uint64_t(records), std::memory_order_relaxed);
        return false;
    }

    /// The same, whatever there is room for: it has been there before.
    void add(std::int64_t records, std::int64_t bytes) noexcept {
        records_.fetch_add(std::uint64_t(records), std::memory_order_relaxed);
        bytes_.fetch_add(std::uint64_t(bytes), std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t records() const noexcept {
        return records_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return bytes_.load(std::memory_order_relaxed);
    }

  private:
    static bool change_one(std::atomic<std::uint64_t>& held, std::int64_t by,
                           const std::atomic<std::uint64_t>& most) noexcept {
        const std::uint64_t before = held.fetch_add(std::uint64_t(by), std::memory_order_relaxed);
        if (by <= 0 || before + std::uint64_t(by) <= most.load(std::memory_order_relaxed))
            return true;
        held.fetch_sub(std::uint64_t(by), std::memory_order_relaxed);
        return false;
    }

    std::atomic<std::uint64_t> records_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> records_max_{0};
    std::atomic<std::uint64_t> bytes_max_{0};
};

/// What happens to whoever wants to add a record where there is no room.
enum class when_full : std::uint8_t {
    refuse,  ///< is told so
    evict,   ///< the record of the namespace that was idle for the longest time makes room
};

/// What happens to whoever wants to change what outlives this process, while that cannot be kept.
enum class when_failing : std::uint8_t {
    refuse,  ///< is told so
    serve,   ///< it is changed in memory, and kept once that is possible again
};

/// How far a store can do what a namespace asks of it.
enum class condition : std::uint8_t {
    ready,
    opening,  ///< what was kept is not known yet
    failing,  ///< nothing can be kept
};

/// One namespace, as stores know it: what it may hold and what it holds. Outlives all its records.
class space {
  public:
    static constexpr unsigned numbers_max = 256;

    /// `number` is below `numbers_max`, and of this namespace alone.
    space(std::string name, std::uint8_t number) : name_(std::move(name)), number_(number) {}

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] std::uint8_t number() const noexcept { return number_; }

    void set_answer(when_full what) noexcept { answer_.store(what, std::memory_order_relaxed); }
    [[nodiscard]] when_full answer() const noexcept {
        return answer_.load(std::memory_order_relaxed);
    }

    void set_answer_to_failure(when_failing what) noexcept {
        answer_to_failure_.store(what, std::memory_order_relaxed);
    }
    [[nodiscard]] when_failing answer_to_failure() const noexcept {
        return answer_to_failure_.load(std::memory_order_relaxed);
    }

    /// Set by its store.
    void set_condition(store::condition what) noexcept {
        condition_.store(what, std::memory_order_release);
    }
    [[nodiscard]] store::condition condition() const noexcept {
        if (is_awaited_.load(std::memory_order_acquire)) return condition::opening;
        return condition_.load(std::memory_order_acquire);
    }

    /// Whether another process is about to tell what it has kept here: until then this is opening.
    void set_awaited(bool is_so) noexcept { is_awaited_.store(is_so, std::memory_order_release); }

    occupancy held;

    /// Records of class `memory` that lie here.
    std::atomic<std::uint64_t> light{0};
    /// Such records of processes before that ended with them, as far as is known.
    std::atomic<std::uint64_t> lost{0};

    // What became of its records since the start.

    std::atomic<std::uint64_t> expired{0};
    std::atomic<std::uint64_t> evicted{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> refused_by_failure{0};  ///< changes
    std::atomic<std::uint64_t> not_kept{0};            ///< changes, while its store failed

  private:
    std::string name_;
    std::uint8_t number_;
    std::atomic<when_full> answer_{when_full::refuse};
    std::atomic<when_failing> answer_to_failure_{when_failing::refuse};
    std::atomic<store::condition> condition_{store::condition::ready};
    std::atomic<bool> is_awaited_{false};
};

}  // namespace hawser::store
