// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "app/configuration/access.h"
#include "app/configuration/addresses.h"
#include "app/configuration/answers.h"
#include "app/configuration/rate_limit.h"
#include "app/configuration/tls.h"
#include "base/limits.h"
#include "config/settings.h"
#include "http/h1/parser.h"
#include "proxy/snapshot.h"

namespace hawser::proxy {

constexpr std::array<config::word<forwarded_policy>, 4> choices(forwarded_policy) {
    return {{{"by-trust", forwarded_policy::by_trust, "replaced; appended to for trusted proxies"},
             {"append", forwarded_policy::append, "appended to, whoever sent it"},
             {"replace", forwarded_policy::replace, "replaced"},
             {"off", forwarded_policy::off, "passed on as it came"}}};
}

constexpr std::array<config::word<forwarded_field_policy>, 3> choices(forwarded_field_policy) {
    return {{{"off", forwarded_field_policy::off, "not written"},
             {"write", forwarded_field_policy::write, "written as `X-Forwarded-For` is"},
             {"believe", forwarded_field_policy::believe,
              "written, and that of a trusted proxy names the client in the place of its "
              "`X-Forwarded-For`"}}};
}

constexpr std::array<config::word<announcement_policy>, 3> choices(announcement_policy) {
    return {{{"off", announcement_policy::off, "a PROXY header is a bad request"},
             {"optional", announcement_policy::optional, "a trusted proxy may send one"},
             {"required", announcement_policy::required,
              "whoever sends none, or is no trusted proxy, is left without an answer"}}};
}

constexpr std::array<config::word<believes>, 3> choices(believes) {
    return {{{"by-trust", believes::trusted, "those of trusted proxies"},
             {"all", believes::all, "everybody's"},
             {"none", believes::none, "nobody's"}}};
}

}  // namespace hawser::proxy

namespace hawser::http::h1 {

constexpr std::array<config::word<underscore_policy>, 3> choices(underscore_policy) {
    return {{{"refuse-reserved", underscore_policy::refuse_reserved,
              "refused where the name looks like one that we set, strip or trust"},
             {"drop", underscore_policy::drop, "not passed on"},
             {"refuse", underscore_policy::refuse, "refused, all of them"}}};
}

}  // namespace hawser::http::h1

namespace hawser::app {

struct listener_timeouts {
    std::chrono::milliseconds head = std::chrono::seconds(10);
    std::chrono::milliseconds body = std::chrono::seconds(60);
    std::chrono::milliseconds idle = std::chrono::seconds(60);
    std::chrono::milliseconds write = std::chrono::seconds(60);

    static void describe(config::fields<listener_timeouts>& field);
    friend bool operator==(const listener_timeouts&, const listener_timeouts&) = default;
};

struct listener_limits {
    byte_count head{limits::request_head_max};
    byte_count request_line{limits::request_line_max};
    std::size_t fields = limits::request_fields_max;
    config::switchable<std::size_t> connections{};
    config::switchable<std::size_t> connections_per_source{};

    static void describe(config::fields<listener_limits>& field);
    friend bool operator==(const listener_limits&, const listener_limits&) = default;
};

/// How requests get an id, which goes to the server, the client and the log.
struct request_id {
    std::string header = "X-Request-Id";
    proxy::believes believe = proxy::believes::trusted;
    bool to_client = true;

    static void describe(config::fields<request_id>& field);
    friend bool operator==(const request_id&, const request_id&) = default;
};

/// An address to accept on, and how its clients are treated.
struct listener {
    std::vector<listen_address> bind;
    listener_timeouts timeouts;
    byte_count minimum_body_rate{100};
    proxy::forwarded_policy forwarded_for = proxy::forwarded_policy::by_trust;
    proxy::forwarded_field_policy forwarded = proxy::forwarded_field_policy::off;
    std::vector<clients::network> trusted_proxies;
    proxy::announcement_policy proxy_protocol = proxy::announcement_policy::off;
    std::vector<clients::network> allow;
    std::vector<clients::network> deny;
    std::vector<network_file> allow_file;
    std::vector<network_file> deny_file;
    bool via = false;
    bool http2 = true;
    listener_limits limits;
    std::vector<app::rate_limit> rate_limit;
    config::switchable<app::request_id> request_id{};
    config::switchable<proxy::believes> traceparent{};
    app::error_pages error_pages;
    http::h1::underscore_policy underscores = http::h1::underscore_policy::refuse_reserved;
    config::switchable<listener_tls> tls{};
    config::switchable<app::hsts> hsts{};
    bool redirect_to_https = false;
    std::uint16_t https_port = 443;

    static void describe(config::fields<listener>& field);
    friend bool operator==(const listener&, const listener&) = default;
};

}  // namespace hawser::app
