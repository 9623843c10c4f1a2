// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/limits.h"

/// What a drain wants of the sessions that a server is home of.
namespace hawser::upstream {

/// How a session is engaged, by which policies tell sessions apart. One that has a trait of its own
/// (what a later kind of traffic knows of it) gets a class of its own here.
enum class session_class : std::uint8_t {
    tentative,  ///< its key has not come back yet
    idle,       ///< no request for a while: `drain_policy::idle_after`
    active,
    tunnel,  ///< a WebSocket is open
};
inline constexpr std::size_t session_classes = 4;

[[nodiscard]] std::string_view name_of(session_class one) noexcept;

/// What a session was doing just before somebody looked at it, or before a request of it came.
struct standing {
    std::chrono::seconds idle{0};  ///< since its last request; 0 while one is in flight
    bool is_tentative = false;
    bool has_tunnel = false;
    /// By its server's word: whoever gets it knows as much of it.
    bool may_move = false;
    bool is_pinned = false;  ///< nobody moves it from a home that can serve it
    /// It is worth more than others: nothing but need moves it.
    bool is_valuable = false;

    /// It may move between two requests, however lately it was here.
    [[nodiscard]] constexpr bool is_free() const noexcept {
        return may_move && !has_tunnel && !is_pinned;
    }

    friend bool operator==(const standing&, const standing&) = default;
};

/// Tunnels first, then tentative; of the rest, `idle_after` decides.
[[nodiscard]] constexpr session_class class_of(const standing& one,
                                               std::chrono::seconds idle_after) noexcept {
    if (one.has_tunnel) return session_class::tunnel;
    if (one.is_tentative) return session_class::tentative;
    return one.idle < idle_after ? session_class::active : session_class::idle;
}

/// What becomes of the sessions of one class.
struct leave_rule {
    static constexpr std::chrono::seconds never = std::chrono::seconds::max();

    std::chrono::seconds idle = never;  ///< whoever was idle so long moves with its next request
    bool cuts = false;                  ///< and what is open for long is ended

    static constexpr leave_rule finish() { return {}; }
    static constexpr leave_rule move() { return {.idle = std::chrono::seconds(0)}; }
    static constexpr leave_rule cut() { return {.idle = std::chrono::seconds(0), .cuts = true}; }
    static constexpr leave_rule after(std::chrono::seconds idle) { return {.idle = idle}; }

    friend bool operator==(const leave_rule&, const leave_rule&) = default;
};

/// `finish`, `move`, `cut`, or how long it must have been idle to move. The error is the message
/// for whoever wrote it.
[[nodiscard]] std::expected<leave_rule, std::string> parse_leave_rule(std::string_view text);
[[nodiscard]] std::string text_of(const leave_rule& rule);

/// `drain` of a pool: by which terms its servers are drained.
struct drain_policy {
    std::chrono::milliseconds deadline = limits::drain_deadline;  ///< then everybody moves
    std::chrono::seconds idle_after = std::chrono::minutes(1);
    std::array<leave_rule, session_classes> rules = {leave_rule::after(std::chrono::minutes(1)),
                                                     leave_rule::finish(), leave_rule::finish(),
                                                     leave_rule::finish()};
    std::chrono::milliseconds cut_within = limits::farewell_time;  ///< who is cut, is cut in this

    [[nodiscard]] const leave_rule& of(session_class one) const noexcept {
        return rules[static_cast<std::size_t>(one)];
    }
    [[nodiscard]] leave_rule& of(session_class one) noexcept {
        return rules[static_cast<std::size_t>(one)];
    }
    /// A session that stands so is let go: its next request goes elsewhere.
    [[nodiscard]] bool lets_go(const standing& one) const noexcept {
        return one.is_free() || (!one.is_pinned && one.idle >= of(class_of(one, idle_after)).idle);
    }

    friend bool operator==(const drain_policy&, const drain_policy&) = default;
};

}  // namespace hawser::upstream
