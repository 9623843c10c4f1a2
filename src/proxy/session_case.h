// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>

#include "affinity/finding.h"
#include "base/clock.h"
#include "registry/session.h"
#include "upstream/pool.h"

namespace hawser::proxy {

/// A session as its pool's policies look at it, while a server is chosen for one of its requests:
/// for one on its way, or for one that might come (`hawser explain`).
///
/// The rules over it (home_policy.h, placement.h) change nothing, so that both are told the same;
/// whoever has a request to send acts on what they say. A view: it lives for one choice.
struct session_case {
    const upstream::pool& servers;
    const affinity::finding& found;
    const registry::seen& session;
    steady_time now;
    bool is_kept = true;  ///< the pool keeps sessions
    /// What earlier choices for the same request have come to.
    affinity::verdict so_far = affinity::verdict::none;
    std::span<const upstream::server* const> tried = {};  ///< by the same request, in vain
    const upstream::place* held = nullptr;                ///< that the request has already
    /// What tells which first requests are one client's; null: this one is none of them.
    const upstream::first_claims::key* client = nullptr;
    bool wants_websocket = false;
    bool is_repeatable = false;
    bool is_shared = false;    ///< another process serves the same sessions
    bool is_supposed = false;  ///< nobody is sent anywhere

    /// It lived somewhere before this choice.
    [[nodiscard]] bool has_home() const noexcept {
        return is_kept && session.home.home != no_server_id;
    }
    /// The home that it has is known to whoever asks: it was not given by this very request.
    [[nodiscard]] bool is_settled() const noexcept {
        return session.home.home != no_server_id && so_far != affinity::verdict::fresh &&
               so_far != affinity::verdict::moved;
    }
    [[nodiscard]] bool has_tried(const upstream::server& one) const noexcept {
        return std::ranges::find(tried, &one) != tried.end();
    }
};

}  // namespace hawser::proxy
