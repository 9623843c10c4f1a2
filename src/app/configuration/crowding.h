// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "config/settings.h"
#include "upstream/pool.h"

namespace hawser::upstream {

constexpr std::array<config::word<home_full>, 3> choices(home_full) {
    return {{{"spill", home_full::spill, "another server answers this request, the session stays"},
             {"wait", home_full::wait, "for its home alone, in the `queue`"},
             {"move", home_full::move, "it gets another home"}}};
}

constexpr std::array<config::word<home_down>, 4> choices(home_down) {
    return {{{"move", home_down::move, "its session gets another home"},
             {"wait", home_down::wait, "as long as the `queue` lets it; then it moves"},
             {"refuse", home_down::refuse, "503, and the session stays"},
             {"successor", home_down::successor,
              "it moves by an order that is the same on all nodes"}}};
}

}  // namespace hawser::upstream

namespace hawser::app {

/// What becomes of sessions whose home is down.
struct home_down_settings {
    upstream::home_down then = upstream::home_down::move;
    std::optional<std::chrono::milliseconds> wait;

    [[nodiscard]] bool waits() const { return wait || then == upstream::home_down::wait; }
    /// In a queue that lets requests wait for `usual`.
    [[nodiscard]] upstream::home_down_rule wanted(std::chrono::milliseconds usual) const {
        if (then == upstream::home_down::wait) return {.wait = wait.value_or(usual)};
        return {.then = then, .wait = wait.value_or(std::chrono::milliseconds(0))};
    }

    static void describe(config::fields<home_down_settings>& field) {
        using self = home_down_settings;
        field("then", &self::then, "What becomes of it, at once or once it has waited.");
        field("wait", &self::wait, "How long it waits in the `queue` for its home, before that.")
            .minimum(std::chrono::milliseconds(1))
            .maximum(limits::queue_timeout_max);
        field.shorthand("then");
    }
    friend bool operator==(const home_down_settings&, const home_down_settings&) = default;
};

/// Sessions that are worth more than others.
struct valuable_sessions {
    std::vector<std::string> paths;
    bool authenticated = false;
    std::optional<home_down_settings> when_home_is_down;

    [[nodiscard]] upstream::value_rule wanted(std::chrono::milliseconds usual) const {
        upstream::value_rule made{.paths = paths, .when_proven = authenticated};
        if (when_home_is_down) made.when_home_is_down = when_home_is_down->wanted(usual);
        return made;
    }

    static void describe(config::fields<valuable_sessions>& field) {
        using self = valuable_sessions;
        field("paths", &self::paths,
              "Prefixes of paths: a session that asked for one of these is from then on.")
            .check([](const std::vector<std::string>& all) -> std::string {
                const bool are_paths = std::ranges::all_of(
                    all, [](const auto& each) { return each.starts_with('/'); });
                if (!are_paths) return "a path begins with `/`";
                return all.size() <= limits::value_paths_max ? "" : "has too many paths";
            });
        field("authenticated", &self::authenticated,
              "A session that has shown a verified `bearer` or `client-certificate` is.");
        field("when-home-is-down", &self::when_home_is_down,
              "What becomes of them, where that is something else than of the others.");
    }
    friend bool operator==(const valuable_sessions&, const valuable_sessions&) = default;
};

/// What becomes of them when it is back.
enum class home_back : std::uint8_t { stay, return_ };

constexpr std::array<config::word<home_back>, 2> choices(home_back) {
    return {{{"stay", home_back::stay, "they stay where they are"},
             {"return", home_back::return_, "they go back, if it still knows them"}}};
}

/// Requests that wait for a place at a server.
struct queue_settings {
    std::uint32_t length = 1000;
    config::switchable<std::uint32_t> home_length{};
    std::chrono::milliseconds timeout = upstream::queue_settings().timeout;

    [[nodiscard]] upstream::queue_settings wanted() const {
        return {.length = length, .home_length = home_length.value_or(0), .timeout = timeout};
    }

    static void describe(config::fields<queue_settings>& field) {
        using self = queue_settings;
        field("length", &self::length, "How many may wait in the whole pool; more are refused.")
            .minimum(1)
            .maximum(limits::queue_length_max);
        field("home-length", &self::home_length, "How many of them may wait for one home.")
            .minimum(1)
            .maximum(limits::queue_length_max);
        field("timeout", &self::timeout, "How long each waits; then it is refused.")
            .minimum(std::chrono::milliseconds(1))
            .maximum(limits::queue_timeout_max);
        field.shorthand("length");
    }
    friend bool operator==(const queue_settings&, const queue_settings&) = default;
};

/// What a pool may have to do at once.
struct circuit_breaker {
    config::switchable<std::uint32_t> requests{};
    config::switchable<std::uint32_t> retries{};
    config::switchable<config::percentage> error_rate{};
    std::uint32_t requests_at_least = upstream::crowd_limits().window_requests;
    std::chrono::milliseconds window = upstream::crowd_limits().window;
    std::chrono::milliseconds open_for = upstream::crowd_limits().open_for;

    [[nodiscard]] upstream::crowd_limits wanted() const {
        return {.requests = requests.value_or(0),
                .retries = retries.value_or(0),
                .error_percent = error_rate ? error_rate->value : 0,
                .window_requests = requests_at_least,
                .window = window,
                .open_for = open_for};
    }

    static void describe(config::fields<circuit_breaker>& field) {
        using self = circuit_breaker;
        field("requests", &self::requests,
              "Requests and tunnels with all servers at once; more are refused, and do not wait.")
            .minimum(1);
        field("retries", &self::retries,
              "Retries at once, beside `retry-budget`; beyond, a first failure is the answer.")
            .minimum(1);
        field("error-rate", &self::error_rate,
              "Share of the pool's requests in a `window` that fail: then all are refused.")
            .minimum({1})
            .maximum({100});
        field("requests-at-least", &self::requests_at_least,
              "With fewer in a `window`, the pool is not judged by it.")
            .minimum(1);
        field("window", &self::window, "How long requests are counted for it.")
            .minimum(std::chrono::seconds(1));
        field("open-for", &self::open_for,
              "How long all are refused; then one request at a time tries.")
            .minimum(std::chrono::milliseconds(1));
    }
    friend bool operator==(const circuit_breaker&, const circuit_breaker&) = default;
};

/// How a server that came, or came back, gets to its weight.
struct slow_start {
    std::chrono::milliseconds time = std::chrono::seconds(30);
    config::percentage from{upstream::slow_start().from_percent};

    [[nodiscard]] upstream::slow_start wanted() const {
        return {.time = time, .from_percent = from.value};
    }

    static void describe(config::fields<slow_start>& field) {
        using self = slow_start;
        field("time", &self::time, "From the least share to the whole weight.")
            .minimum(std::chrono::milliseconds(1))
            .maximum(limits::slow_start_max);
        field("from", &self::from, "The least share of its weight.")
            .minimum(config::percentage{1})
            .maximum(config::percentage{100});
        field.shorthand("time");
    }
    friend bool operator==(const slow_start&, const slow_start&) = default;
};

}  // namespace hawser::app
