// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hawser::admin {

/// What the application keeps in a session, but not what is in it.
struct kept_status {
    std::string name_space;
    std::string handle;           ///< by which applications name it to people
    std::string_view durability;  ///< its class
    bool valuable = false;        ///< worth more than others
    bool has_user = false;        ///< whose it is was said at the JSON door
    std::uint64_t bytes = 0;      ///< of its data
    std::uint64_t version = 0;
    std::chrono::seconds age{0};
    std::chrono::seconds idle{0};                             ///< since it was read or saved
    std::optional<std::chrono::seconds> ends_in = {};         ///< none: by no time
    std::optional<std::chrono::seconds> idle_limit = {};      ///< none: however long
    std::optional<std::chrono::seconds> absolute_limit = {};  ///< the same
};

/// One live session as operators see it. Neither its key nor what its client carries is told.
struct session_status {
    std::uint64_t id = 0;  ///< the hash by which the access log names it
    std::string pool;
    std::string server;      ///< empty: nobody has claimed it, or its server is gone
    std::string_view kind;   ///< of the affinity that named it first; empty: not known
    std::uint64_t user = 0;  ///< hash of the user's key; 0: nobody known
    std::chrono::seconds age{0};
    std::chrono::seconds idle{0};
    unsigned requests = 0;  ///< in flight
    unsigned tunnels = 0;
    unsigned keys = 0;
    unsigned moves = 0;
    bool tentative = false;
    bool carried = false;  ///< the client has shown that it carries this binding
    bool pinned = false;
    std::optional<kept_status> data = {};  ///< none: not known, or nothing is kept
};

struct session_page {
    std::vector<session_status> sessions;
    std::string next;  ///< where the next page begins; empty: there is none
};

/// What becomes of sessions that somebody has chosen.
struct session_change {
    enum class what : std::uint8_t { move, pin, unpin, end };
    what is = what::end;
    std::string to = {};  ///< the server, of a move
};

[[nodiscard]] constexpr std::string_view word_of(session_change::what is) noexcept {
    switch (is) {
        case session_change::what::move: return "move";
        case session_change::what::pin: return "pin";
        case session_change::what::unpin: return "unpin";
        case session_change::what::end: return "end";
    }
    std::unreachable();
}

}  // namespace hawser::admin
