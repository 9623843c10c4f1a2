// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "async/event.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_ring.h"
#include "io/worker.h"
#include "store/embedded/dictionaries.h"
#include "store/embedded/loader.h"
#include "store/embedded/stored_record.h"
#include "store/embedded/table.h"
#include "store/residents.h"
#include "store/space.h"

namespace hawser::store {

/// What a committer has done since its start, and how it fares.
struct committed {
    std::atomic<std::uint64_t> records{0};       ///< written: records, tombstones, touches, ends
    std::atomic<std::uint64_t> batches{0};       ///< in so many writes
    std::atomic<std::uint64_t> bytes{0};         ///< sealed
    std::atomic<std::uint64_t> spared{0};        ///< bytes that are not in there, by packing
    std::atomic<std::uint64_t> dictionaries{0};  ///< that were trained and are used
    std::atomic<std::uint64_t> failed{0};        ///< opening, writing or syncing
    std::atomic<std::uint64_t> set_aside{0};     ///< stores that were damaged
    std::atomic<std::uint64_t> loaded{0};        ///< records
    std::atomic<std::uint64_t> damaged{0};       ///< records that were dropped
    std::atomic<std::uint64_t> keys_gone{0};     ///< not loaded: no key of the ring opens them
    std::atomic<std::uint64_t> disk_bytes{0};    ///< of the store, about
    /// What its two threads have had of processors. What the table does behind is not in it.
    std::atomic<std::chrono::nanoseconds> writing_cpu{};
    std::atomic<std::chrono::nanoseconds> syncing_cpu{};
    std::atomic<condition> fares{condition::ready};

    static constexpr std::array sync_bounds = {
        std::chrono::microseconds(100),     std::chrono::microseconds(1'000),
        std::chrono::microseconds(10'000),  std::chrono::microseconds(100'000),
        std::chrono::microseconds(500'000), std::chrono::microseconds(2'000'000)};
    std::array<std::atomic<std::uint64_t>, sync_bounds.size() + 1> syncs{};
    std::atomic<std::uint64_t> sync_microseconds{0};
};

/// Brings what changes in memory to the disk, and tells those who wait for it.
///
/// One thread seals and writes all that has changed since its last turn, of all workers, in one
/// batch, and reads when a namespace is added; another syncs, while the first goes on writing. What
/// is written is what lies in memory when its turn comes, so a record is never older on the disk
/// than what somebody was told before.
///
/// After a failure it closes the table, tells all who wait, and tries once a second to open it
/// again; then all that may be missing there is written before anything is told to be kept.
class committer {
  public:
    struct settings {
        table::settings where;
        std::function<instant()> clock = read_clocks;
        /// Of who waits; then it is told that nobody knows.
        std::chrono::milliseconds patience = std::chrono::seconds(10);
    };

    using loaded = store::loaded;

    /// `tell` is called by the writing thread.
    committer(settings given, residents& memory, const crypto::key_ring& ring, loaded tell);
    /// Before the workers that have waited.
    ~committer();
    committer(const committer&) = delete;
    committer& operator=(const committer&) = delete;

    /// Seals by these keys from now on.
    void use(const crypto::key_ring& ring);
    /// What is of class `memory` does not end with this process, but goes to another one.
    void leave_light_records() { leaves_light_ = true; }
    /// Reads what `in` has kept, and keeps what it will. Its condition tells how far that is.
    void add(space& in);
    /// Writes and syncs what has changed, and lets go of the disk. Nothing is kept any more.
    void close();

    /// Waits until what has changed before is as safe as `lasts` says. An error: it is not known
    /// whether it is. Called on `here`.
    [[nodiscard]] task<result<>> kept(io::worker& here, durability lasts);

    /// The disk has not answered for so long that nobody else should wait for it.
    [[nodiscard]] bool is_stuck() const;
    /// Why nothing can be kept: `exhausted`, the disk is full, or `unavailable`.
    [[nodiscard]] errc failing_by() const noexcept {
        return failing_by_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] const committed& counted() const noexcept { return counted_; }

  private:
    /// Somebody who waits, on its worker.
    struct ticket {
        event told;
        result<> how;
    };
    struct waiting {
        io::worker* on = nullptr;
        durability lasts = durability::interval;
        std::shared_ptr<ticket> who;
    };

    void write_on(const std::stop_token& stop);
    [[nodiscard]] bool is_table_wanted();
    [[nodiscard]] bool open();
    [[nodiscard]] result<> prove();
    void take_up(const std::vector<space*>& added);
    [[nodiscard]] result<std::size_t> load(space& in);
    static void tell_of_faults(const space& in, const stored_space& read);
    void wait_for_work(const std::stop_token& stop);
    void write_changes();
    [[nodiscard]] result<> write_all();
    [[nodiscard]] result<> write_once(bool& is_more);
    void add_items(const record_change& one, const instant& now);
    void add_dictionaries(const instant& now);
    void add_light_counts();
    [[nodiscard]] result<> load_light_count(space& in);
    void pass_on(std::vector<waiting> written);
    void recover();
    void fail_now(const error& why, std::vector<waiting> also);
    void set_aside(const error& why);
    void tell_all_spaces(condition what);

    void sync_on(const std::stop_token& stop);
    [[nodiscard]] steady_time sync_due() const;
    [[nodiscard]] result<> sync_timed();
    [[nodiscard]] bool is_slow(steady_time now) const;
    static void answer(const std::vector<waiting>& who, const result<>& how);

    settings settings_;
    residents& memory_;
    loaded tell_;
    committed counted_;

    // Of the writing thread.

    table table_;
    dictionaries dictionaries_;
    bool are_dictionaries_due_ = false;  ///< they may not lie in the table as they would now
    std::unique_ptr<record_sealer> sealer_;
    std::vector<record_change> changes_;
    std::vector<table::item> items_;
    steady_time covers_forgotten_{};
    std::map<const space*, std::uint64_t> light_noted_;  ///< as the table has it
    steady_time light_noted_at_{};
    std::string trouble_;  ///< told last
    bool is_held_by_another_ = false;

    // Of both, and of workers, under the lock.

    std::mutex lock_;
    std::condition_variable_any writes_;
    std::condition_variable_any syncs_;
    std::vector<waiting> arrived_;
    std::vector<waiting> for_sync_;    ///< written, and told after the next sync
    std::vector<record_id> unsynced_;  ///< written since the last sync has begun
    std::vector<record_id> syncing_;   ///< written before
    steady_time unsynced_since_ = no_deadline;
    bool is_syncing_ = false;
    bool may_sync_ = false;  ///< the table is open, and has not failed
    std::optional<error> sync_failure_;
    std::vector<space*> added_;
    std::vector<space*> spaces_;  ///< loaded
    std::unique_ptr<record_sealer> next_sealer_;

    std::atomic<bool> leaves_light_{false};
    std::atomic<steady_time> writing_since_{no_deadline};
    std::atomic<steady_time> fsync_since_{no_deadline};
    std::atomic<steady_time::duration> last_sync_{};
    std::atomic<errc> failing_by_{errc::unavailable};

    std::jthread syncer_;
    std::jthread writer_;
};

}  // namespace hawser::store
