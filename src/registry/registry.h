// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "affinity/finding.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "registry/ended_sessions.h"
#include "registry/report.h"
#include "registry/session.h"
#include "registry/told_rounds.h"

namespace hawser::registry {

class arena;
class shard;
struct arrival;
struct name;

/// How long the sessions of a pool live. Exact to a second, and never early.
struct lifetime {
    std::chrono::seconds idle = limits::session_idle;          ///< 0: for ever
    std::chrono::seconds absolute = limits::session_absolute;  ///< 0: for ever
};

struct settings {
    std::size_t capacity = limits::registry_sessions;             ///< established sessions
    std::size_t tentative_capacity = limits::registry_tentative;  ///< sessions that never came back
    std::size_t extra_keys = limits::registry_sessions;           ///< keys beyond each one's first
    lifetime lives;                                               ///< of pools not configured
};

/// The table of every live session and its binding, shared by all workers.
///
/// A request enters, claims a home if it must, and leaves. Sharded by key hash: each call holds the
/// lock of one shard, for well under a microsecond, and never across a wait. Bounded: when it is
/// full, the longest idle session whose binding the client carries makes room; nothing in flight
/// ever does. Memory is reserved when the registry is made and touched only as sessions come.
class registry {
  public:
    /// Fails (`invalid`, `exhausted`) if the capacity cannot be addressed or reserved.
    [[nodiscard]] static result<std::unique_ptr<registry>> create(const settings& wanted,
                                                                  steady_time now);
    ~registry();

    /// How long sessions of `pool` live from now on, those that exist already included.
    void configure(pool_id pool, const lifetime& lives);

    /// A request of the session that `found` names has begun. Finds the session's entry; or makes
    /// it anew from the binding that the client carries; or makes a tentative one. Where carried
    /// and registered binding differ, more moves wins, then the later issue time.
    ///
    /// Without a place (`seen.handle` is false) the request is served all the same, uncounted.
    seen enter(pool_id pool, const affinity::finding& found, const instant& now,
               const traits& what = {});

    /// What `enter` would say, without a request.
    [[nodiscard]] seen foresee(pool_id pool, const affinity::finding& found,
                               const instant& now) const;

    /// Binds the session to `wanted.home`, and returns the binding that counts from now on.
    ///
    /// `last_seen` is the binding on which the caller decided, as `enter` or an earlier `claim`
    /// returned it. If another request has bound the session differently meanwhile, that binding
    /// is returned and nothing is changed: parallel claims of one session agree on one home.
    affinity::binding claim(slot handle, const affinity::binding& last_seen, const proposal& wanted,
                            const instant& now);

    /// While its home is down another server serves the session, which stays bound; or its home
    /// does again.
    void set_away(slot handle, bool away);

    /// By its server's word the session may move at any time, or not any more.
    void set_movable(slot handle, bool movable);
    /// The session is worth more than others from now on, or not any more.
    void set_valuable(slot handle, bool valuable);
    /// By its server's word the session is idle no sooner than in `time`, whatever its pool's idle
    /// limit. Its absolute limit holds.
    void extend(slot handle, std::chrono::seconds time, steady_time now);

    /// The request is over. Once for each `enter`.
    void leave(slot handle, steady_time now);

    /// The request has become a tunnel, until `end_tunnel`; both between its `enter` and `leave`.
    void begin_tunnel(slot handle);
    void end_tunnel(slot handle, steady_time now);

    /// Lets `added` name the session that `existing` names. False if nobody knows `existing`, if
    /// `added` names another live session, or if there is no place for it.
    bool add_key(pool_id pool, const affinity::session_key& existing,
                 const affinity::session_key& added, steady_time now);

    /// The session of `home` is called `called` from now on, by its server's word: a session
    /// begins under that name, or goes on under it where `former` has named it; then `former` goes
    /// on to lead to it.
    void rename(pool_id pool, const affinity::session_key& former,
                const affinity::session_key& called, const affinity::binding& home,
                const instant& now);

    /// `key` names no session any more. The session ends with its last key.
    void remove_key(pool_id pool, const affinity::session_key& key);

    /// Ends the session that `key` names: the next request with this key begins a new one.
    bool end(pool_id pool, const affinity::session_key& key, steady_time now);

    /// The session is over by its server's word: what its client has been given, and was told to
    /// forget, counts no more until it could not be valid any longer. False: so many are remembered
    /// that this one is not.
    bool revoke(pool_id pool, const session_id& session, const instant& now);

    /// Ends the session that `key` names, if it has never come back: its client keeps another one.
    void supersede(pool_id pool, const affinity::session_key& key, steady_time now);

    // By an operator's word, of sessions that a walk has shown. False: the session is over.

    /// It lives at `wanted.home` from its next request on.
    bool move(const session_view& one, const proposal& wanted, const instant& now);
    /// While it is pinned nobody moves it from a home that can serve it.
    bool pin(const session_view& one, bool pinned, steady_time now);
    /// It ends, and what its client carries counts no more. Fails (`exhausted`) if so many have
    /// been ended that this could not be remembered: then it goes on.
    result<bool> end(const session_view& one, const instant& now);
    /// Why what a client still carries of the session counts no more: `ended` by an operator, or
    /// `replayed` since it was revoked. `none`: it counts.
    [[nodiscard]] affinity::cause why_over(pool_id pool, const session_id& session) const {
        return ended_.why(pool, session);
    }

    /// The session of a request that has entered is that of `user`, a hash of the user's key.
    void set_user(slot handle, std::uint64_t user);

    /// What the application keeps in the session is known by `data`, a keyed hash. This process
    /// knows that, and no other one is told.
    void set_data(slot handle, const std::array<std::uint64_t, 2>& data);

    /// The session that `key` names, without touching it.
    [[nodiscard]] std::optional<session_view> find(pool_id pool, const affinity::session_key& key,
                                                   steady_time now) const;

    /// Ends what has expired, for about `budget` steps at the most (a shard or an entry looked at),
    /// going on where the last call stopped. False if nothing is left to do, true if the budget
    /// ran out before: call again soon. Counts are exact to a second if the calls of each second
    /// have budget for all shards and all that expires.
    bool sweep(steady_time now, std::size_t budget);

    /// Fills `into` with the next sessions that `which` selects, moves `from` on, and returns how
    /// many: maybe none, until `from.done`. A session that lives through the whole walk is seen
    /// exactly once. Shards are locked one at a time, for a slice of 256 entries.
    std::size_t walk(cursor& from, const selection& which, std::span<session_view> into,
                     steady_time now) const;

    /// Sessions of `which.home` in `which.pool` that nobody is at work for have no home any more.
    /// A client that still carries the binding brings it along, so whoever chooses a server for it
    /// knows what it left. In slices as `walk`; returns how many, until `from.done`.
    std::size_t release(cursor& from, const selection& which);

    /// Copies sessions for another process or the next one: those after `from`, as `walk` does. A
    /// session that its first key no longer names is left out, and so are its further keys.
    std::size_t copy(cursor& from, std::span<record> into, const instant& now) const;

    /// Takes over a session that another process has told. One that is known already gets the
    /// binding that counts, as in `enter`. False if it has expired, or found no place: nobody makes
    /// room for it.
    bool restore(const record& told, const instant& now, origin from = origin::elsewhere);

    /// The same of what `ended` or `take_endings` of another registry has told. A session that is
    /// over is never taken over afterwards.
    void restore(const ending& told, const instant& now);
    /// What clients may still carry of sessions that are over: a part of it, of `ended_parts`.
    [[nodiscard]] std::vector<ending> ended(std::size_t part, const instant& now) const {
        return ended_.copy(part, now);
    }
    static constexpr std::size_t ended_parts = ended_sessions::parts;

    /// From now on every session of which something changes is noted, for `changes`, until
    /// `end_changes`. What `restore` brings is none, unless this registry knows it better.
    void note_changes(noted what = noted::touches);
    void end_changes();
    /// Between the two: another process has clients of these sessions, or will have.
    [[nodiscard]] bool is_shared() const noexcept {
        return is_shared_.load(std::memory_order_relaxed);
    }

    /// How far the other process knows what was noted; closed by `end_changes`.
    [[nodiscard]] told_rounds& rounds() noexcept { return rounds_; }

    /// Copies sessions that were touched since they were copied last. May be fewer than there are
    /// although `into` has room; `from.done` once all shards were asked.
    std::size_t changes(cursor& from, std::span<record> into, const instant& now);

    /// Sessions that somebody has ended since this was called last, while changes are noted.
    [[nodiscard]] std::vector<ending> take_endings();

    /// All counts, summed over the shards.
    [[nodiscard]] report counts() const;
    /// Those of one pool, with the sessions of these homes: costs nothing for other pools.
    [[nodiscard]] pool_sessions counts_of(pool_id pool, std::span<const server_id> homes) const;

    /// Ends the process unless every count, list and index agrees with the entries. For tests.
    void verify() const;

    [[nodiscard]] std::size_t shards() const { return shards_.size(); }

  private:
    explicit registry(std::unique_ptr<arena> space);

    std::optional<seen> resume(const name& key, const arrival& who);
    [[nodiscard]] std::optional<seen> foresee(const name& key, const arrival& who) const;
    bool end_as(pool_id pool, const affinity::session_key& key, end_cause why, steady_time now);
    [[nodiscard]] shard& shard_of(const name& key) const;
    void note(const ending& told);

    ended_sessions ended_{limits::sessions_ended_max};
    std::unique_ptr<arena> arena_;
    std::vector<std::unique_ptr<shard>> shards_;  // a power of two of them
    std::atomic<std::size_t> sweep_next_ = 0;
    std::atomic<bool> is_shared_ = false;
    told_rounds rounds_;
    std::mutex endings_lock_;
    std::vector<ending> endings_;  ///< noted, and not told yet
};

}  // namespace hawser::registry
