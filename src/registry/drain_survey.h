// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "registry/registry.h"
#include "upstream/drain_policy.h"

namespace hawser::registry {

/// Who still holds a server that drains.
struct drain_left {
    /// For how long they have been idle: below each of these, and longer.
    static constexpr std::array<std::chrono::seconds, 4> idle_bounds = {
        std::chrono::seconds(10), std::chrono::minutes(1), std::chrono::minutes(5),
        std::chrono::minutes(15)};

    std::array<std::uint64_t, upstream::session_classes> staying{};  ///< by class
    std::array<std::uint64_t, idle_bounds.size() + 1> idle{};        ///< of those that stay
    histogram ages;                                                  ///< the same
    std::uint64_t tunnels = 0;                                       ///< open
    std::uint64_t leaving = 0;  ///< bound there still, but their next request goes elsewhere

    [[nodiscard]] std::uint64_t sessions() const;
    void add(const session_view& one, const upstream::drain_policy& by);
};

/// Looks at all sessions, in slices, for several servers that drain.
class drain_survey {
  public:
    struct subject {
        server_id home = no_server_id;
        upstream::drain_policy policy;
        drain_left left = {};
    };

    explicit drain_survey(std::vector<subject> about);

    /// Looks at some more sessions (at most about 4,000). True when all have been looked at.
    bool advance(const registry& sessions, steady_time now);

    /// Null if the survey is not about `home`.
    [[nodiscard]] const drain_left* find(server_id home) const;

  private:
    [[nodiscard]] subject* subject_of(server_id home);

    std::vector<subject> about_;  // sorted by home
    cursor at_;
};

/// By when fewer than one of the sessions of these ages is expected to be left, if they live as
/// long as those of their pool that have ended.
///
/// A session holds its server until `linger` after its last request: until it expires, or until it
/// was idle long enough to be let go. Of its age a, the share that is still there after a further
/// time t is S(a + t - linger) / S(a - linger), where S(x) is the share of the sessions that ended
/// which lived longer than x from first to last request. Nothing where too few have ended to tell
/// (limits::drain_lifetimes_min), or where that would be longer than `most`.
[[nodiscard]] std::optional<std::chrono::seconds> time_to_empty(const histogram& lifetimes,
                                                                const histogram& ages,
                                                                std::chrono::seconds linger,
                                                                std::chrono::seconds most);

}  // namespace hawser::registry
