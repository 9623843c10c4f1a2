// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "affinity/binding.h"
#include "base/ids.h"

namespace hawser::registry {

/// Why a session's entry ended.
enum class end_cause : std::uint8_t {
    idle,        ///< nothing came for longer than the idle limit
    absolute,    ///< it reached its absolute limit
    evicted,     ///< another session needed the place
    ended,       ///< somebody ended it, or its last key was removed
    renamed,     ///< it goes on under the name that its server has given it
    superseded,  ///< its client, who began several at once, keeps another one
};
inline constexpr std::size_t end_causes = 6;

/// The word of metrics: `idle`, `absolute`, `evicted`, `ended`, `renamed`, `superseded`.
[[nodiscard]] std::string_view name_of(end_cause why) noexcept;

/// Counts by powers of two: bucket 0 holds 0 s, bucket n from 2^(n-1) to below 2^n seconds.
struct histogram {
    static constexpr std::size_t buckets = 32;
    std::array<std::uint64_t, buckets> count{};

    void add(std::uint64_t seconds);
    histogram& operator+=(const histogram& other);
};

/// What has happened to the sessions of one pool since the registry began.
struct happenings {
    std::uint64_t begun = 0;  ///< entries made for a session that was not known: tentative births
    std::uint64_t returned = 0;  ///< tentative ones whose key came back: established births
    std::uint64_t remade = 0;    ///< entries made anew from a token that the client carried
    std::uint64_t restored =
        0;  ///< taken over: from another process or name, from before a restart
    std::array<std::uint64_t, end_causes> ends{};            ///< of established sessions
    std::array<std::uint64_t, end_causes> tentative_ends{};  ///< of sessions that never came back
    std::array<std::uint64_t, affinity::causes> moves{};     ///< of homes, by cause
    histogram lifetimes;  ///< of established sessions, first to last request, when they end

    happenings& operator+=(const happenings& other);
};

/// The sessions that a server is home of.
struct server_sessions {
    server_id home = no_server_id;  ///< none: sessions that nobody has claimed yet
    std::uint64_t established = 0;
    std::uint64_t tentative = 0;
};

struct pool_sessions {
    pool_id pool{};
    happenings since_start;
    std::vector<server_sessions> servers;  ///< those with sessions, in no order

    [[nodiscard]] std::uint64_t established() const;
    [[nodiscard]] std::uint64_t tentative() const;
    [[nodiscard]] const server_sessions* find(server_id home) const;

    /// One line a server, of what several shards have told.
    void merge_servers();
};

/// Everything that the registry counts. Shards are read one after the other, so numbers of
/// different shards are some microseconds apart; each shard's own agree with one another.
struct report {
    std::vector<pool_sessions> pools;
    std::uint64_t established = 0;
    std::uint64_t tentative = 0;
    std::uint64_t extra_keys = 0;    ///< beyond the first of each session; some may be stale
    std::uint64_t bytes = 0;         ///< memory that has been used for all of it
    std::uint64_t unregistered = 0;  ///< requests served uncounted, as no place could be had
    std::uint64_t keys_refused = 0;  ///< `add_key` that found no place or a session with too many

    [[nodiscard]] const pool_sessions* find(pool_id pool) const;
};

/// Where each pool stands in a report that is being made.
using pool_places = std::unordered_map<pool_id, std::size_t>;

}  // namespace hawser::registry
