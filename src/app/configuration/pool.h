// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "affinity/presets.h"
#include "app/configuration/addresses.h"
#include "app/configuration/answers.h"
#include "app/configuration/crowding.h"
#include "app/configuration/drain.h"
#include "app/configuration/placement.h"
#include "app/configuration/rebalance.h"
#include "app/configuration/session_link.h"
#include "app/configuration/source.h"
#include "app/configuration/tls.h"
#include "balance/kinds.h"
#include "base/limits.h"
#include "clients/proxy_header.h"
#include "config/settings.h"
#include "discovery/kinds.h"
#include "discovery/membership.h"
#include "health/kinds.h"
#include "health/pace.h"
#include "health/standing.h"
#include "proxy/snapshot.h"
#include "upstream/server.h"
#include "upstream/state_words.h"

namespace hawser::proxy {

constexpr std::array<config::word<server_protocol>, 3> choices(server_protocol) {
    return {{{"http1", server_protocol::http1, "HTTP/1.1"},
             {"h2c", server_protocol::h2c, "HTTP/2 without TLS, as gRPC servers do"},
             {"h2", server_protocol::h2, "HTTP/2 over TLS; needs `tls`"}}};
}

}  // namespace hawser::proxy

namespace hawser::clients {

constexpr std::array<config::word<proxy_version>, 2> choices(proxy_version) {
    return {{{"v1", proxy_version::v1, "version 1, a line of text"},
             {"v2", proxy_version::v2, "version 2, binary"}}};
}

}  // namespace hawser::clients

namespace hawser::app {

/// One application server.
struct server {
    server_address address;
    std::uint32_t weight = 1;
    upstream::admin_state state = upstream::admin_state::ready;
    config::switchable<std::uint32_t> max_connections{};
    config::switchable<std::uint32_t> max_sessions{};
    config::switchable<clients::proxy_version> proxy_protocol{};
    std::uint32_t priority = 0;
    std::string successor{};
    std::string release{};
    std::string server_name{};  ///< that it proves over TLS; empty: its address's host

    static void describe(config::fields<server>& field);
    friend bool operator==(const server&, const server&) = default;
};

/// What is true of all servers of a pool that are found by `discover`.
struct discovered {
    std::uint32_t weight = 1;
    config::switchable<std::uint32_t> max_connections{};
    config::switchable<std::uint32_t> max_sessions{};
    config::switchable<clients::proxy_version> proxy_protocol{};
    std::string release{};
    discovery::farewell when_gone = discovery::farewell::drain;

    static void describe(config::fields<discovered>& field);
    friend bool operator==(const discovered&, const discovered&) = default;
};

/// When a pool's own traffic shows that a server is unfit.
struct passive_health {
    std::uint32_t connect_failures = 3;
    std::uint32_t answer_failures = 5;
    std::chrono::milliseconds out_for = std::chrono::seconds(10);
    std::chrono::milliseconds out_for_at_most = std::chrono::minutes(5);
    config::percentage out_at_most{limits::unwell_percent_max};
    config::switchable<config::percentage> error_rate{};
    config::switchable<unsigned> slowness{};
    std::chrono::milliseconds slow_from = std::chrono::milliseconds(100);
    std::chrono::milliseconds window = std::chrono::seconds(10);
    std::uint32_t requests_at_least = 50;

    static void describe(config::fields<passive_health>& field);
    friend bool operator==(const passive_health&, const passive_health&) = default;
};

/// A port on which servers report how they are.
struct agent {
    std::uint16_t port = 0;
    std::chrono::milliseconds interval = std::chrono::seconds(5);
    std::chrono::milliseconds timeout = std::chrono::seconds(2);
    std::string send;

    static void describe(config::fields<agent>& field);
    friend bool operator==(const agent&, const agent&) = default;
};

/// When a server counts as down.
struct pool_health {
    std::optional<health::choice> check;
    std::chrono::milliseconds interval = std::chrono::seconds(5);
    std::optional<std::chrono::milliseconds> fast_interval;
    std::chrono::milliseconds timeout = std::chrono::seconds(2);
    unsigned rise = 2;
    unsigned fall = 3;
    std::optional<std::uint16_t> port;
    config::switchable<passive_health> passive = passive_health{};
    config::switchable<config::percentage> panic_threshold{};
    config::switchable<app::agent> agent{};
    config::switchable<std::string> weight_header{};

    /// Servers ask for a share of their weight.
    [[nodiscard]] bool takes_weights() const noexcept { return agent || weight_header; }
    [[nodiscard]] health::standing_rules standing() const noexcept { return {rise, fall}; }
    [[nodiscard]] health::pace pace() const noexcept;

    static void describe(config::fields<pool_health>& field);
    friend bool operator==(const pool_health&, const pool_health&) = default;
};

struct pool_timeouts {
    std::chrono::milliseconds connect = std::chrono::seconds(5);
    std::chrono::milliseconds response = std::chrono::seconds(60);
    std::chrono::milliseconds body = std::chrono::seconds(60);
    std::chrono::milliseconds idle = std::chrono::seconds(60);
    std::chrono::milliseconds tunnel = std::chrono::hours(1);

    static void describe(config::fields<pool_timeouts>& field);
    friend bool operator==(const pool_timeouts&, const pool_timeouts&) = default;
};

/// The Host that servers see: the client's, the server's own address, or a text.
struct host_setting {
    proxy::host_policy policy = proxy::host_policy::preserve;
    std::string text = {};  ///< with host_policy::text

    friend bool operator==(const host_setting&, const host_setting&) = default;
};

/// What becomes of whoever tries session ids that nobody knows.
enum class guess_action : std::uint8_t { log, refuse };

constexpr std::array<config::word<guess_action>, 2> choices(guess_action) {
    return {{{"log", guess_action::log, "the log tells of it"},
             {"refuse", guess_action::refuse, "and what is shown beyond that gets a 429"}}};
}

/// When a client that shows session ids which nobody knows guesses them.
struct guessing {
    std::uint32_t per_minute = limits::guesses_a_minute;
    guess_action then = guess_action::log;

    static void describe(config::fields<guessing>& field);
    friend bool operator==(const guessing&, const guessing&) = default;
};

/// Where the application keeps what it knows of a session.
enum class session_data_place : std::uint8_t { own, shared };

constexpr std::array<config::word<session_data_place>, 2> choices(session_data_place) {
    return {{{"own", session_data_place::own, "each server for itself"},
             {"shared", session_data_place::shared, "in a store that all of them use"}}};
}

/// Where servers of a pool are looked for.
struct server_source {
    discovery::choice kind;
    std::string release;  ///< that all run who are found there; empty: what was found says it

    friend bool operator==(const server_source&, const server_source&) = default;
};

/// Interchangeable servers, and how sessions are kept on them.
struct pool {
    std::string application;
    balance::choice balance{"least-connections"};
    std::map<std::string, server, std::less<>> servers;
    std::optional<discovery::choice> discover;
    app::discovered discovered;
    affinity::choices_in_order affinity{affinity::choice("cookie")};
    config::switchable<app::guessing> guessing = app::guessing{};
    home_down_settings when_home_is_down;
    valuable_sessions valuable;
    home_back when_home_is_back = home_back::stay;
    app::placement placement = app::placement::free;
    config::switchable<app::first_claim> first_claim{};
    std::vector<app::release> releases;
    upstream::home_full when_home_is_full = upstream::home_full::spill;
    config::switchable<queue_settings> queue{};
    std::chrono::seconds retry_after = std::chrono::seconds(1);
    app::circuit_breaker circuit_breaker;
    config::switchable<app::slow_start> slow_start{};
    session_data_place session_data = session_data_place::own;
    std::optional<session_link> sessions;  ///< none: they are not known together
    drain_settings drain;
    config::switchable<rebalance_settings> rebalance{};
    pool_health health;
    pool_timeouts timeouts;
    unsigned retries = limits::retries_max;
    config::percentage retry_budget{limits::retry_percent_max};
    std::size_t idle_connections = 256;
    proxy::server_protocol protocol = proxy::server_protocol::http1;
    config::switchable<pool_tls> tls{};
    std::optional<app::source> source;
    host_setting host;
    app::error_pages error_pages;

    [[nodiscard]] std::vector<server_source> sources() const;
    [[nodiscard]] bool finds_servers() const noexcept;

    static void describe(config::fields<pool>& field);
    friend bool operator==(const pool&, const pool&) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::host_setting> {
    static bool read(const node& given, app::host_setting& into, diagnostics& out);
    static node show(const app::host_setting& value);
    static shape type();
};

}  // namespace hawser::config
