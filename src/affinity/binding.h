// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace hawser::affinity {

/// The fact that, in one pool, a session lives on a server, its home.
///
/// The client may carry it (sealed), the registry holds it; where the two differ, more moves wins,
/// then the later `issued`. Times are wall seconds since 1970, as other nodes must understand them.
struct binding {
    session_id session;
    server_id home = no_server_id;
    generation instance = 0;   ///< the mark that the home announced of itself when it was bound
    std::uint32_t born = 0;    ///< when the session began: the absolute limit counts from here
    std::uint32_t issued = 0;  ///< when the client was last told: the idle limit counts from here
    std::uint16_t moves = 0;

    friend constexpr bool operator==(const binding&, const binding&) = default;
};

/// Of two times as bindings hold them. Counted modulo 2^32, so that the year 2106 is a year like
/// any other.
[[nodiscard]] constexpr bool is_later(std::uint32_t one, std::uint32_t other) {
    return static_cast<std::int32_t>(one - other) > 0;
}

/// Which of two bindings of one session counts, whoever holds them, and as whatever.
template <typename One, typename Other>
[[nodiscard]] constexpr bool is_newer(const One& one, const Other& other) {
    return one.moves != other.moves ? one.moves > other.moves : is_later(one.issued, other.issued);
}

/// `when` as bindings hold it.
[[nodiscard]] constexpr std::uint32_t seconds_of(wall_time when) {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count());
}

/// What affinity did for a request.
enum class verdict : std::uint8_t {
    none,      ///< the pool has no affinity, or the request no pool
    fresh,     ///< "new": a session began with this request
    hit,       ///< the session is served by its home
    moved,     ///< it got a new home, for good
    returned,  ///< it is back on a home that it had left
    spilled,   ///< another server answers this request; the home stays
    refused,   ///< its home cannot serve it and the pool forbids any other
};
inline constexpr std::size_t verdicts = 7;

/// Why a verdict is what it is.
enum class cause : std::uint8_t {
    none,
    no_key,          ///< the request carries nothing that names a session
    forged,          ///< its mark does not verify, is cut, oversize, or from the future
    foreign,         ///< its mark is another pool's, or sealed with a key that is not on our ring
    expired,         ///< its mark is past the idle or the absolute limit
    unknown_server,  ///< its home is no server of this pool any more
    stale,           ///< its home is another instance now than the one it was bound to
    home_down,
    home_full,
    drained,
    maintenance,
    rebalanced,
    operator_,         ///< somebody asked for it
    unknown_key,       ///< it shows a key, which names no session here
    ambiguous,         ///< it shows several keys where there can be one
    application,       ///< its server said so in an answer
    ended,             ///< it shows a session that somebody has ended
    replayed,          ///< it shows a mark that its client was told to forget: the session was over
    foreign_listener,  ///< its mark was given at another listener, and these keep to their own
    other_client,      ///< its mark was given to a client of another kind, or from elsewhere
};
inline constexpr std::size_t causes = 20;

/// The words of logs, metrics and the debug header: `new`, `hit`, ...; `no-key`, `home-down`, ...
[[nodiscard]] std::string_view name_of(verdict what) noexcept;
[[nodiscard]] std::string_view name_of(cause why) noexcept;

}  // namespace hawser::affinity
