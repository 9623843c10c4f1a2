// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "affinity/binding.h"
#include "base/ids.h"
#include "registry/location.h"
#include "upstream/drain_policy.h"

namespace hawser::registry {

/// A request's hold on the entry of its session, from `enter` to `leave`.
///
/// While it is held the entry stays where it is: it is neither idle nor evicted nor used for
/// another session. False for a request that the registry does not count; everything accepts that.
class slot {
  public:
    constexpr slot() = default;
    constexpr slot(std::uint32_t shard, std::uint32_t number) : shard_(shard), number_(number) {}

    constexpr explicit operator bool() const { return number_ != 0; }
    [[nodiscard]] constexpr std::uint32_t shard() const { return shard_; }
    [[nodiscard]] constexpr std::uint32_t number() const { return number_; }

  private:
    std::uint32_t shard_ = 0;
    std::uint32_t number_ = 0;  ///< 0: none
};

/// What a session is, beside its binding. The registry keeps it and answers questions about it.
struct traits {
    std::uint8_t kind = 0;           ///< of its affinity, see `affinity::kind_number`; 0: unknown
    std::uint8_t session_class = 0;  ///< for policies by class; 0 is the ordinary one
    std::uint64_t user = 0;          ///< hash of the user's key; 0: nobody known

    friend bool operator==(const traits&, const traits&) = default;
};

/// What the registry knows of the session that a request belongs to.
struct seen {
    slot handle;                     ///< hand it to `leave` when the request is over
    affinity::binding home;          ///< `home.home` is `no_server_id` while nobody has claimed it
    bool known = false;              ///< the session began before this request
    bool tentative = false;          ///< its key has not come back yet
    bool first_return = false;       ///< its key has come back here for the first time
    bool away = false;               ///< a successor of its home has served it last
    upstream::standing before = {};  ///< how it stood when this request came
};

/// A home that a balancer has chosen and a request would like to bind its session to.
struct proposal {
    server_id home = no_server_id;
    generation instance = 0;
    affinity::cause why = affinity::cause::none;  ///< why the former home is left, if there is one
};

/// One session as questions and lists see it: a copy, true at the moment it was taken.
struct session_view {
    location at;  ///< by which it can be steered while it lives
    pool_id pool{};
    affinity::binding home;
    traits what;
    /// A keyed hash by which is known what the application keeps in it; 0: nobody has said.
    std::array<std::uint64_t, 2> data{};
    std::chrono::seconds age{0};
    std::chrono::seconds idle{0};  ///< 0 while anything is in flight
    std::uint16_t requests = 0;    ///< in flight, tunnels among them
    std::uint16_t tunnels = 0;
    std::uint8_t keys = 0;  ///< how many keys name it
    bool tentative = false;
    bool carried = false;   ///< the client has shown that it carries this very binding
    bool movable = false;   ///< by its server's word it may move at any time
    bool pinned = false;    ///< nobody moves it from a home that can serve it
    bool valuable = false;  ///< nothing but need moves it
    bool extended = false;  ///< by its server's word it is not idle yet

    [[nodiscard]] upstream::standing stands() const {
        return {.idle = idle,
                .is_tentative = tentative,
                .has_tunnel = tunnels != 0,
                .may_move = movable,
                .is_pinned = pinned,
                .is_valuable = valuable};
    }
};

/// A session as it is told to another process, or kept for the next one: everything that its entry
/// knows, in the time of the wall clock, as steady clocks differ.
struct record {
    pool_id pool{};
    std::uint64_t name_low = 0;  ///< its first key's hash, mixed with the pool
    std::uint64_t name_high = 0;
    affinity::binding home;
    traits what;
    std::uint32_t last_seen = 0;  ///< seconds since 1970
    bool tentative = false;
    bool carried = false;
    bool pinned = false;
    bool away = false;  ///< another server was the last that served it
    // By its server's word.
    bool movable = false;
    bool valuable = false;
    bool extended = false;  ///< `last_seen` is to come

    friend bool operator==(const record&, const record&) = default;
};

/// A session that is over, told in the same way.
struct ending {
    pool_id pool{};
    session_id session;
    std::uint64_t name_low = 0;  ///< as of a `record`; 0: nobody knows it by its name any more
    std::uint64_t name_high = 0;
    /// Why what its client carries counts no more; `none`: it carries nothing.
    affinity::cause why = affinity::cause::none;
    std::uint32_t until = 0;  ///< seconds since 1970; from then on that could not be valid anyway

    friend bool operator==(const ending&, const ending&) = default;
};

/// Who has told of a session that is taken over.
enum class origin : std::uint8_t {
    elsewhere,  ///< another process, or the one before: it need not be told
    here,       ///< another session of this registry, which it takes the place of
};

/// What of a session is noted for `changes`.
enum class noted : std::uint8_t {
    touches,   ///< each request that comes and goes
    bindings,  ///< it got a home, or lost it
};

/// Which sessions a walk is about. What is left at its default selects all.
struct selection {
    pool_id pool{};
    server_id home = no_server_id;
    std::chrono::seconds idle_least{0};
    std::chrono::seconds idle_below = std::chrono::seconds::max();
    std::chrono::seconds age_least{0};
    std::chrono::seconds age_below = std::chrono::seconds::max();
    std::optional<std::uint8_t> kind = {};
    std::uint64_t user = 0;
    std::optional<bool> pinned = {};
    std::optional<bool> tentative = {};

    /// Of a session of this pool and home.
    [[nodiscard]] bool matches(const session_view& one) const;
};

/// How far a walk over the registry has come. Begins at the beginning.
struct cursor {
    std::uint32_t shard = 0;
    std::uint32_t number = 0;
    bool done = false;
};

}  // namespace hawser::registry
