// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "affinity/binding.h"
#include "base/clock.h"
#include "registry/deadline_wheel.h"
#include "registry/entry.h"
#include "registry/extra_key.h"
#include "registry/key_index.h"
#include "registry/ledger.h"
#include "registry/name.h"
#include "registry/report.h"
#include "registry/session.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// How much one shard may hold.
struct shard_bounds {
    record_number established = 0;
    record_number tentative = 0;
    record_number extra_keys = 0;

    /// Entries at the most: some have ended but wait for their last request.
    [[nodiscard]] constexpr std::size_t entries() const {
        const std::size_t sessions = std::size_t{established} + tentative;
        return sessions + sessions / 16 + 16;
    }
};

/// What a request says of its session when it arrives.
struct arrival {
    pool_id pool{};
    session_id session;  ///< of the session that begins if none is known
    const affinity::binding* carried = nullptr;
    traits what;
    tick now{};
    std::uint32_t wall = 0;  ///< seconds since 1970
};

/// What a request without an entry is told: its session is what the client carries, or begins now.
[[nodiscard]] seen uncounted(const arrival& who);

/// A part of the registry: the sessions whose first key's hash leads here, under one lock.
///
/// Every function but the constructor takes the lock itself and holds it for one session or one
/// slice. No function asks another shard anything but an epoch, so locks never nest.
class alignas(64) shard {
  public:
    using siblings = std::vector<std::unique_ptr<shard>>;

    shard(std::uint32_t number, const siblings& all, arena& space, const shard_bounds& most,
          const limits_in_ticks& usual, tick now);

    // The way of a request (shard.cc). `enter` answers with a location if `key` is an extra key:
    // then the session is there, and `enter_at` that shard finds it or says that it has ended.
    std::expected<seen, location> enter(const name& key, const arrival& who);
    std::optional<seen> enter_at(const location& where, const arrival& who);
    /// What they would say, of a session that is there, and of one that is not.
    [[nodiscard]] std::optional<seen> foresee_at(const location& where, const arrival& who) const;
    [[nodiscard]] seen foresee_new(arrival who) const;
    affinity::binding claim(record_number number, const affinity::binding& last_seen,
                            const proposal& wanted, const instant& now);
    void set_away(record_number number, bool away);
    void set_movable(record_number number, bool movable);
    void set_valuable(record_number number, bool valuable);
    void extend(record_number number, tick_span by, tick now);
    void leave(record_number number, tick now);
    void begin_tunnel(record_number number);
    void end_tunnel(record_number number, tick now);

    // Keys (shard_keys.cc).
    [[nodiscard]] std::optional<location> locate(const name& key) const;
    /// Whether the session is still there; if it is over, it ends now.
    bool lives(const location& where, tick now);
    bool hold_key(const location& where, tick now);
    void release_key(const location& where);
    /// True: added; false: no place; else what `key` names already.
    std::expected<bool, location> add_extra(const name& key, const location& target);
    void drop_extra(const name& key, const location& target);
    /// `key` leads nowhere any more. The location of its session, if that is elsewhere.
    std::optional<location> unname(const name& key);
    bool end_at(const location& where, end_cause why, tick now);
    /// What another process may know the session by.
    [[nodiscard]] std::optional<ending> ending_of(const location& where) const;
    // By an operator's word; false if the session is over.
    bool move_at(const location& where, const proposal& wanted, const instant& now);
    bool pin_at(const location& where, bool pinned, tick now);
    /// How long what its client carries may still be shown, once the session has ended.
    [[nodiscard]] tick_span echo_of(const location& where) const;
    /// The same of any session of `pool` that nobody renews any more.
    [[nodiscard]] tick_span echo_of(pool_id pool) const;
    [[nodiscard]] std::optional<session_view> view_at(const location& where, tick now) const;

    // Upkeep and questions (shard_upkeep.cc).
    struct swept {
        std::size_t steps = 0;
        bool more = false;
    };
    swept sweep(tick now, std::size_t most);
    void configure(pool_id pool, const limits_in_ticks& limits);
    /// Copies sessions after record `after` and moves it on; it is 0 again when the last was seen.
    std::size_t walk(record_number& after, const selection& which, std::span<session_view> into,
                     tick now) const;
    /// Sessions of `home` after record `after` that nobody is at work for have no home any more;
    /// moves it on as `walk` does. Returns how many.
    std::size_t release(record_number& after, const selection& which);
    void add_to(report& sum, pool_places& places) const;
    void add_to(pool_sessions& sum, std::span<const server_id> homes) const;
    void count_unregistered();
    void verify() const;
    void count_refused_key();

    /// The session whose request holds `number` is that of `user`.
    void set_user(record_number number, std::uint64_t user);
    /// What the application keeps in it is known by `data`.
    void set_data(record_number number, const std::array<std::uint64_t, 2>& data);

    // For other processes (shard_copy.cc): as the registry's functions of these names, a slice
    // each.
    std::size_t copy(record_number& after, std::span<record> into, const instant& now) const;
    bool restore(const record& told, const instant& now, origin from);
    /// The session that `key` names first is over, if it is this one: another process says so,
    /// and counts it.
    void end_told(const name& key, const session_id& session, tick now);
    void note_changes(noted what);
    void end_changes();
    std::size_t changes(record_number& after, std::span<record> into, const instant& now);

    /// Also without the lock.
    [[nodiscard]] std::uint32_t epoch_of(record_number number) const {
        return entries_.epoch_of(number);
    }

  private:
    // All of these under the lock.
    seen welcome(record_number number, const arrival& who);
    seen begin(const name& key, const arrival& who);
    seen unregistered(const arrival& who);
    void count_in(record_number number, const name& key, tick now);
    void establish(record_number number, tick now);
    void merge(entry& mine, const affinity::binding& carried);
    void bind_to(record_number number, const proposal& wanted, const instant& now);
    void move_to(entry& mine, ledger::place_number to);
    [[nodiscard]] affinity::binding binding_of(const entry& mine) const;
    [[nodiscard]] static upstream::standing standing_of(const entry& mine, tick now);
    [[nodiscard]] session_view view_of(record_number number, tick now) const;
    [[nodiscard]] bool is_live(const location& where) const;

    [[nodiscard]] std::optional<end_cause> why_over(const entry& mine, tick now) const;
    [[nodiscard]] tick deadline_of(const entry& mine, tick now) const;
    bool end_if_over(record_number number, tick now);
    void end_session(record_number number, end_cause why);
    void let_go_of(record_number number);
    void free(record_number number);
    bool make_room(bool tentative, tick now);
    bool evict(deadline_wheel& from, std::size_t sample, tick now);
    bool refile_if_moved(record_number number, tick now);
    void set_flag(record_number number, entry::flag which, bool on, tick now);
    [[nodiscard]] const deadline_wheel& wheel_of(const entry& mine) const;
    [[nodiscard]] deadline_wheel& wheel_of(const entry& mine);
    void refile(record_number number, tick now);
    std::size_t drop_void_keys(std::size_t most);
    [[nodiscard]] bool is_void(const extra_key& key) const;

    [[nodiscard]] std::optional<record> record_of(record_number number, const instant& now) const;
    void restore_at(record_number number, const record& told, const instant& now);
    static void heed(entry& mine, const record& told);
    /// On to the next record of a walk; false once it has seen all: then `after` begins anew.
    bool step(record_number& after) const {
        if (after >= entries_.used()) {
            after = 0;
            return false;
        }
        ++after;
        return true;
    }
    void note(record_number number, noted what = noted::touches) {
        if (touched_.empty() || what < noted_) [[likely]]
            return;
        touched_[number / 64] |= bit_of(number);
        is_any_touched_ = true;
    }
    void unnote(record_number number) {
        if (touched_.empty()) return;
        touched_[number / 64] &= ~bit_of(number);
        said_[number / 64] &= ~bit_of(number);
    }
    /// What a server has said of it, by `flag`.
    void say(record_number number, entry::flag flag, bool is);
    /// A server has said something of it here that the other process has not been told yet.
    [[nodiscard]] bool is_said(record_number number) const {
        return !said_.empty() && (said_[number / 64] & bit_of(number)) != 0;
    }
    static std::uint64_t bit_of(record_number number) { return std::uint64_t{1} << (number % 64); }

    [[nodiscard]] key_index::position find(const name& key) const;
    void index(std::uint64_t hash, key_index::reference to);
    void erase_extra(key_index::position at);

    mutable std::mutex lock_;
    std::uint32_t number_;
    const siblings& all_;
    shard_bounds most_;
    entries entries_;
    key_index index_;
    extra_keys extras_;
    ledger ledger_;
    std::uint32_t established_ = 0;
    std::uint32_t tentative_ = 0;
    record_number refile_next_ = 0;  // entries from here on are filed under outdated limits
    record_number void_next_ = 0;    // where the search for void keys goes on
    std::uint64_t unregistered_ = 0;
    std::uint64_t keys_refused_ = 0;
    std::vector<std::uint64_t> touched_;  // a bit a record; empty: nobody wants to know
    std::vector<std::uint64_t> said_;     // those of them of which servers have said something
    noted noted_ = noted::touches;
    bool is_any_touched_ = false;           // since the last walk over them began
    std::array<deadline_wheel, 3> wheels_;  // tentative; carried; registered only
};

}  // namespace hawser::registry
