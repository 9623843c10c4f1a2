// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/siphash.h"
#include "sessions/channels.h"
#include "sessions/glob.h"
#include "sessions/holding.h"
#include "sessions/limits.h"
#include "sessions/lock_table.h"
#include "sessions/readings.h"
#include "sessions/reconcile.h"
#include "sessions/save_meter.h"
#include "sessions/successors.h"
#include "sessions/user_index.h"
#include "sessions/worth.h"
#include "store/record.h"
#include "store/space.h"

namespace hawser::store {

struct ending;

}  // namespace hawser::store

namespace hawser::sessions {

/// How the sessions of a namespace are treated. Replaced as a whole by a reload.
struct terms {
    /// Names of records that are sessions: they live by the limits below, and their end is final.
    /// All other records (locks, indexes, counters) live as the application says.
    name_patterns session_keys = {};
    /// Names of locks, which are no sessions, whatever `session_keys` says.
    name_patterns lock_keys = {};
    save_policy saves = save_policy::last_writer;
    /// A field that data goes out with, and comes back with whatever the connection: it says which
    /// reading a save is based on. Empty: none.
    std::string mark_field = {};
    std::chrono::milliseconds idle{0};      ///< 0: however long
    std::chrono::milliseconds absolute{0};  ///< 0: however long
    /// How long an end keeps off saves that were under way.
    std::chrono::milliseconds end_remembered{0};
    std::size_t record_bytes_max = 0;
    store::durability lasts = store::durability::memory;  ///< which losses records outlive
    sessions::worth worth = {};                           ///< of a session; no less than that
    std::size_t user_sessions_max = 0;                    ///< of one user; 0: any number
    user_full when_user_full = user_full::refuse;

    [[nodiscard]] bool is_session(std::string_view name) const {
        return session_keys.match(name) && !is_lock(name);
    }
    [[nodiscard]] bool is_lock(std::string_view name) const { return lock_keys.match(name); }
    /// How a session is kept.
    struct rank {
        store::durability lasts;
        std::uint8_t flags;
    };
    /// With that data, of the kind that `flags` tell, and that user. A session that was worth more
    /// than others stays so.
    [[nodiscard]] rank rank_of(std::string_view data, std::uint64_t user,
                               std::uint8_t flags) const {
        const bool is_worth_it =
            worth.lasts > lasts &&
            ((flags & is_valuable) != 0 || worth.is_reached(data, holding_of(flags), user));
        if (is_worth_it) return {.lasts = worth.lasts, .flags = std::uint8_t(flags | is_valuable)};
        return {.lasts = lasts, .flags = flags};
    }
    /// Whether it is remembered what clients have read.
    [[nodiscard]] bool keeps_readings() const {
        return saves != save_policy::last_writer || !mark_field.empty();
    }

    friend bool operator==(const terms&, const terms&) = default;
};

/// What became of saves of sessions since the start.
struct save_counts {
    std::atomic<std::uint64_t> written{0};
    std::atomic<std::uint64_t> touched{0};  ///< had nothing to change
    std::atomic<std::uint64_t> merged{0};
    std::atomic<std::uint64_t> overwritten{0};
    std::atomic<std::uint64_t> unmergeable{0};
    std::atomic<std::uint64_t> rejected{0};
    std::atomic<std::uint64_t> dropped{0};          ///< of a session that has ended
    std::atomic<std::uint64_t> unknown{0};          ///< of all: based on what nobody knows
    std::atomic<std::uint64_t> value_conflicts{0};  ///< values that two saves had changed
};

/// How large sessions are when they are written.
class size_counts {
  public:
    static constexpr std::array<std::size_t, 8> bounds = {256,  512,    1024,   2048,
                                                          4096, 16'384, 65'536, 262'144};

    void add(std::size_t bytes) {
        const auto at = std::ranges::lower_bound(bounds, bytes) - bounds.begin();
        counts_[std::size_t(at)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(bytes, std::memory_order_relaxed);
    }
    /// Of the class that ends at `bounds[which]`; the last one has no upper end.
    [[nodiscard]] std::uint64_t count(std::size_t which) const {
        return counts_[which].load(std::memory_order_relaxed);
    }
    /// Of all of them together.
    [[nodiscard]] std::uint64_t bytes() const { return sum_.load(std::memory_order_relaxed); }

  private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
    std::atomic<std::uint64_t> sum_{0};
};

/// Whether reads and saves of an application come on different connections, as with a pool: then
/// a save is not based on what its connection has read, and it is not taken for that.
class split_watch {
  public:
    /// There was a sign of it.
    void note(steady_time now) {
        until_.store((now + remembered).time_since_epoch().count(), std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_split(steady_time now) const {
        return now.time_since_epoch().count() < until_.load(std::memory_order_relaxed);
    }

  private:
    static constexpr std::chrono::seconds remembered{60};
    std::atomic<steady_time::rep> until_{0};
};

/// One application's sessions: all pools and doors of it reach the same ones. Lives as long as any
/// of its records.
class name_space {
  public:
    /// `index` is a secret of this namespace, the same on every node.
    name_space(std::string name, std::uint8_t number, const crypto::siphash_key& index)
        : space(std::move(name), number), index_(index) {}

    /// What a store knows a record by: it tells nobody without the key what the name is, and
    /// clients cannot aim at each other's places.
    [[nodiscard]] store::record_id id_of(std::string_view name) {
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(name.data()), name.size());
        return {.in = &space, .hash = crypto::siphash128(index_, bytes)};
    }

    /// What has become of a record: for those who listen to events.
    void tell(std::string_view name, const record_event& what) {
        if (channels.are_watched(what.kind)) channels.tell(what, name);
    }
    /// A record has ended by itself: whoever else knows of it forgets it.
    void note_end(const store::ending& what, steady_time now);
    /// From now on, for whoever comes by no door of its own.
    void set_terms(std::shared_ptr<const terms> next) {
        const std::scoped_lock held(terms_lock_);
        terms_ = std::move(next);
    }
    [[nodiscard]] std::shared_ptr<const terms> present_terms() const {
        const std::scoped_lock held(terms_lock_);
        return terms_;
    }

    store::space space;
    sessions::readings readings{limits::readings_bytes};
    save_counts saves;
    split_watch split;
    user_index users;
    lock_table locks;
    sessions::channels channels;
    std::atomic<std::uint64_t> locks_freed{0};  ///< as the connection of whoever held it was gone
    save_costs costs;
    sessions::successors successors;
    std::atomic<std::uint64_t> old_ids_seen{0};  ///< after the few seconds that they may be

    /// Of sessions of that class.
    [[nodiscard]] size_counts& sizes(store::durability lasts) {
        return sizes_[std::to_underlying(lasts)];
    }

    /// What a store knows of a user; never 0.
    [[nodiscard]] std::uint64_t user_of(std::string_view key) const {
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
        return std::max<std::uint64_t>(crypto::siphash128(index_, bytes)[1], 1);
    }

  private:
    crypto::siphash_key index_;
    mutable std::mutex terms_lock_;
    std::shared_ptr<const terms> terms_ = std::make_shared<const terms>();
    std::array<size_counts, std::to_underlying(store::durability::sync) + 1> sizes_;
};

}  // namespace hawser::sessions
