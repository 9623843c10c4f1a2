// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "affinity/binding.h"
#include "http/message.h"
#include "proxy/session_case.h"

namespace hawser::proxy {

/// Whether a session's home serves it.
struct at_home {
    upstream::server* home = nullptr;  ///< null: there is none in its pool
    /// Why it does not; none: it does, and if it is stale there, it begins anew.
    affinity::cause why = affinity::cause::none;
    bool is_stale = false;     ///< the home is another process than the one it was bound to
    bool needs_trial = false;  ///< it serves only whoever takes the trial that is due
};

/// Asks the home of a session that is kept. Without a home the cause is that of the finding.
[[nodiscard]] at_home ask_home(const session_case& one) noexcept;

/// What its pool wants of a session that is not served at home.
enum class without_home : std::uint8_t {
    begins,       ///< it has none: where it goes is its home
    begins_anew,  ///< its home has forgotten it: where it goes is its home, and it is new there
    moves,        ///< where it goes is its home from now on
    spills,       ///< another server answers this request; it stays
    is_away,      ///< others serve it until its home is back; it stays
    waits,        ///< for room at its home: no other server will do
    is_refused,   ///< while its home is down
};

/// The same for one whose home does not serve it because of `why`. Who may wait for a home that is
/// down does so before: see `when_home_is_down`.
[[nodiscard]] without_home rule_without_home(const session_case& one, affinity::cause why) noexcept;

/// The word for a request that another server serves by that rule.
[[nodiscard]] affinity::verdict verdict_of(without_home rule) noexcept;

/// The pool's rule for a session of this worth.
[[nodiscard]] const upstream::home_down_rule& when_home_is_down(const session_case& one) noexcept;

/// Its home lets go of it, but nobody else can have it, and so it stays until the drain ends. Null:
/// it cannot.
[[nodiscard]] upstream::server* last_resort_at_home(const session_case& one) noexcept;

/// By its request the session is worth more than others from now on.
[[nodiscard]] bool shows_value(const upstream::value_rule& rule, const affinity::finding& found,
                               const http::request_head& head);

}  // namespace hawser::proxy
