// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/change_options.h"
#include "admin/guard.h"
#include "admin/json.h"
#include "admin/openapi.h"
#include "admin/wanted.h"
#include "base/hash.h"
#include "base/limits.h"
#include "config/json_reader.h"
#include "observe/exposition.h"

namespace hawser::admin {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

http::served_answer problem(unsigned status, std::string_view what, std::string lines = {}) {
    return {.status = status, .body = json_of_error(what), .lines = std::move(lines)};
}

http::served_answer wrong_method(std::string_view path) {
    std::string allowed;
    for (const auto& each : endpoint::actions()) {
        if (!match(each.path, path)) continue;
        allowed += allowed.empty() ? "" : ", ";
        allowed += each.method;
        if (each.method == "GET") allowed += ", HEAD";
    }
    if (allowed.empty()) return problem(404, "there is nothing here");
    return problem(405, "this is asked by " + allowed, "Allow: " + allowed + "\r\n");
}

http::served_answer too_often() { return problem(429, "you ask too often", "Retry-After: 1\r\n"); }

http::served_answer say(unsigned status, std::string_view text) {
    return {.status = status, .content_type = std::string(plain_text), .body = std::string(text)};
}

http::served_answer problem(const error& why) {
    switch (why.code) {
        case errc::not_found: return problem(404, why.context);
        case errc::unavailable: return problem(503, why.context);
        case errc::exhausted: return problem(409, why.context);
        default: return problem(422, why.context);
    }
}

/// A body read as the settings struct `Wanted`; an empty one is `{}`.
template <typename Wanted>
result<Wanted> read_body(const http::served_request& asked) {
    config::diagnostics problems;
    const auto written =
        config::parse_json(asked.body.empty() ? "{}" : asked.body, "body", problems);
    Wanted wanted;
    if (!problems.has_errors()) config::codec<Wanted>::read(written, wanted, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return wanted;
}

template <typename Wanted>
const config::description& described(const operations&) {
    return config::description_of<Wanted>();
}

const config::description& described_server(const operations& node) {
    return node.server_settings();
}

}  // namespace

std::span<const action> endpoint::actions() noexcept {
    using self = endpoint;
    static constexpr auto shown = [](std::string_view path, level least, std::string_view summary,
                                     std::string_view answer, action::shows how) {
        return action{.method = "GET",
                      .path = path,
                      .least = least,
                      .summary = summary,
                      .answer = answer,
                      .show = how};
    };
    static constexpr auto changed = [](std::string_view method, std::string_view path, level least,
                                       std::string_view summary, action::changes how,
                                       action::describes body = nullptr) {
        return action{.method = method,
                      .path = path,
                      .least = least,
                      .summary = summary,
                      .answer = "Change",
                      .change = how,
                      .body = body};
    };
    static constexpr std::string_view one_server = "/v1/pools/{pool}/servers/{server}";
    static constexpr std::array all = {
        shown("/healthz", level::none, "The process lives", "", &self::health),
        shown("/readyz", level::none, "The node takes traffic", "", &self::readiness),
        shown("/metrics", level::viewer, "Metrics for Prometheus", "", &self::metrics),
        shown("/v1/openapi.json", level::viewer, "This document", "Document", &self::openapi),
        shown("/v1/status", level::viewer, "The node as a whole", "Node", &self::status),
        shown("/v1/configuration", level::viewer, "Every effective value", "Document",
              &self::configuration),
        shown("/v1/pools", level::viewer, "All pools with their servers", "Pools", &self::pools),
        shown("/v1/pools/{pool}", level::viewer, "One pool with its servers", "Pool", &self::pool),
        shown(one_server, level::viewer, "One server", "Server", &self::server),
        shown("/v1/pools/{pool}/servers/{server}/drain", level::viewer,
              "A server's drain, or its last", "Drain", &self::show_drain),
        shown("/v1/overrides", level::viewer, "All that was set at run time", "Overrides",
              &self::overrides),
        shown("/v1/upgrade", level::viewer, "Who answers, and how far an upgrade is", "Document",
              &self::upgrade),
        shown("/v1/log", level::viewer, "What the log tells besides", "Log", &self::log),
        action{.method = "GET",
               .path = "/v1/impact",
               .least = level::viewer,
               .summary = "How many sessions would move if servers went away",
               .answer = "Movement",
               .ask = &self::impact},
        changed("PUT", one_server, level::admin, "Add a server", &self::add_server,
                described_server),
        changed("DELETE", one_server, level::admin, "Remove a server", &self::remove_server),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/state", level::operating,
                "Set a server's state", &self::set_state, described<state_wanted>),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/drain", level::operating,
                "Begin a server's drain", &self::drain, described<drain_wanted>),
        changed("PUT", "/v1/pools/{pool}/servers/{server}/weight", level::operating,
                "Set a server's weight", &self::set_weight, described<weight_wanted>),
        changed("DELETE", "/v1/pools/{pool}/servers/{server}/overrides", level::operating,
                "Lift all that was set of a server", &self::lift),
        changed("DELETE", "/v1/pools/{pool}/servers/{server}/overrides/{field}", level::operating,
                "Lift one thing that was set of a server", &self::lift),
        changed("PUT", "/v1/log", level::operating, "Tell more in the log, for a time",
                &self::set_log, described<log_wanted>),
        changed("DELETE", "/v1/log", level::operating, "The log as the file says", &self::lift_log),
        changed("POST", "/v1/upgrade", level::admin, "Let a new binary take over",
                &self::begin_upgrade, described<upgrade_wanted>),
        changed("POST", "/v1/reload", level::admin, "Read the configuration again", &self::reload,
                described<nothing_wanted>),
    };
    return all;
}

endpoint::endpoint(operations& node,
                   std::function<std::shared_ptr<const tls::server_context>()> tls)
    : node_(node),
      server_({.body_max = limits::admin_body_max,
               .connections_max = limits::admin_connections_max,
               .connections_of_peer_max = limits::admin_connections_of_peer_max,
               .tls = std::move(tls)},
              [this](const http::served_request& asked) { return answer(asked); }) {}

task<http::served_answer> endpoint::answer(const http::served_request& asked) {
    auto given = admit(asked);
    if (!given) co_return std::move(given.error());
    http::served_answer told;
    if (given->what->change != nullptr)
        told = co_await change(*given, asked);
    else if (given->what->ask != nullptr)
        told = co_await (this->*given->what->ask)({.asked = asked, .names = given->names});
    else
        told = (this->*given->what->show)({.asked = asked, .names = given->names});
    if (given->what->path.starts_with("/v1/")) told.lines += "ETag: " + node_.revision() + "\r\n";
    co_return told;
}

endpoint::admission endpoint::admit(const http::served_request& asked) {
    if (const auto why = reason_to_refuse(asked, node_.allowed_hosts()); !why.empty())
        return std::unexpected(problem(403, why));
    if (!visitors_.may_ask(asked, read_clocks().steady)) return std::unexpected(too_often());
    const std::string_view method = asked.method == "HEAD" ? "GET" : std::string_view(asked.method);
    for (const auto& each : actions()) {
        if (each.method != method) continue;
        if (const auto names = match(each.path, asked.path)) return allow(asked, each, *names);
    }
    return std::unexpected(wrong_method(asked.path));
}

endpoint::admission endpoint::allow(const http::served_request& asked, const action& what,
                                    const path_names& names) {
    admitted given{.what = &what, .names = names, .by = identify(node_.access(), asked)};
    if (given.by.may >= what.least) return given;
    if (!visitors_.may_fail(asked, read_clocks().steady)) return std::unexpected(too_often());
    if (given.by.may == level::none)
        return std::unexpected(problem(401, "say who you are, by a token or a certificate",
                                       "WWW-Authenticate: Bearer\r\n"));
    auto refused =
        problem(403, "the level of " + given.by.who + " is " + std::string(name_of(given.by.may)) +
                         ", and this is for " + std::string(name_of(what.least)) + "s");
    if (what.change != nullptr)
        record({.who = given.by.who, .from = origin_of(asked)}, given.by.may, asked,
               refused.status);
    return std::unexpected(std::move(refused));
}

/// Asks first what it would lead to, where somebody wants to know, then does it.
task<http::served_answer> endpoint::change(admitted given, const http::served_request& asked) {
    order by{.who = given.by.who, .from = origin_of(asked)};
    const auto answer = [&](http::served_answer told) {
        if (!by.is_trial) record(by, given.by.may, asked, told.status);
        return told;
    };
    const auto options = change_options::of(asked, given.what->body != nullptr);
    if (!options) co_return answer(problem(options.error().status, options.error().why));
    if (auto why = options->stale(node_.revision(), node_.requires_if_match()))
        co_return answer(problem(why->status, why->why));
    const call what{.asked = asked, .names = given.names};

    const auto limit = node_.confirm_above();
    if (options->is_trial || (limit && !options->is_forced)) {
        by.is_trial = true;
        auto tried = (this->*given.what->change)(what, by);
        by.is_trial = options->is_trial;
        if (!tried) co_return answer(problem(tried.error()));
        const auto moved = co_await node_.would_move(tried->homes);
        if (options->is_trial) co_return http::served_answer{.body = json_of_trial(*tried, moved)};
        if (moved.total() > *limit)
            co_return answer({.status = 409, .body = json_of_refusal(moved, *limit)});
    }
    const auto done = (this->*given.what->change)(what, by);
    co_return answer(done ? tell_change(*done, given.names.server()) : problem(done.error()));
}

void endpoint::record(const order& by, level may, const http::served_request& asked,
                      unsigned status) {
    node_.record({.by = by,
                  .may = may,
                  .method = asked.method,
                  .target = asked.path,
                  .body = asked.body,
                  .status = status});
}

http::served_answer endpoint::tell_change(const outcome& done, server_name which) {
    const auto pool = node_.pool(which.pool);
    return {.body = json_of_change(done, pool ? pool->find(which.server) : nullptr)};
}

http::served_answer endpoint::health(const call&) { return say(200, "ok\n"); }

http::served_answer endpoint::readiness(const call&) {
    return node_.is_ready() ? say(200, "ready\n") : say(503, "draining\n");
}

http::served_answer endpoint::metrics(const call&) {
    return {.content_type = std::string(observe::metrics_content_type), .body = node_.metrics()};
}

http::served_answer endpoint::status(const call&) { return {.body = json_of(node_.status())}; }

http::served_answer endpoint::pools(const call&) { return {.body = json_of(node_.status().pools)}; }

http::served_answer endpoint::pool(const call& asked) {
    const auto found = node_.pool(asked.names.all[0]);
    if (!found) return problem(404, "there is no such pool");
    return {.body = json_of(*found)};
}

http::served_answer endpoint::server(const call& asked) {
    const auto [pool, name] = asked.names.server();
    const auto found = node_.pool(pool);
    if (!found) return problem(404, "there is no such pool");
    const auto* one = found->find(name);
    return one != nullptr ? http::served_answer{.body = json_of(*one)}
                          : problem(404, "the pool has no such server");
}

http::served_answer endpoint::overrides(const call&) {
    return {.body = json_of(node_.overrides())};
}

http::served_answer endpoint::configuration(const call&) { return {.body = node_.configuration()}; }

http::served_answer endpoint::upgrade(const call&) { return {.body = json_of(node_.upgrade())}; }

http::served_answer endpoint::log(const call&) { return {.body = json_of(node_.log())}; }

http::served_answer endpoint::openapi(const call&) {
    return {.body = openapi_document(actions(), node_)};
}

task<http::served_answer> endpoint::impact(const call& asked) {
    static constexpr std::string_view key = "servers=";
    std::string_view rest = asked.asked.query;
    if (!rest.starts_with(key)) co_return problem(400, "it is ?servers=POOL/SERVER,...");
    std::vector<abandoned> homes;
    for (rest.remove_prefix(key.size()); !rest.empty();) {
        const auto one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        const auto slash = one.find('/');
        if (slash == one.npos || !config::is_name(one.substr(0, slash)) ||
            !config::is_name(one.substr(slash + 1)))
            co_return problem(400, "a server is named POOL/SERVER");
        homes.push_back({pool_id_of(one.substr(0, slash)),
                         server_id_of(one.substr(0, slash), one.substr(slash + 1))});
    }
    const auto moved = co_await node_.would_move(std::move(homes));
    co_return http::served_answer{.body = json_of(moved)};
}

result<outcome> endpoint::begin_upgrade(const call& asked, const order& by) {
    auto wanted = read_body<upgrade_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.begin_upgrade(wanted->binary, by);
}

result<outcome> endpoint::reload(const call& asked, const order& by) {
    if (auto wanted = read_body<nothing_wanted>(asked.asked); !wanted)
        return std::unexpected(std::move(wanted.error()));
    return node_.reload(by);
}

result<outcome> endpoint::set_state(const call& asked, const order& by) {
    auto wanted = read_body<state_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_state(asked.names.server(), *wanted, by);
}

result<outcome> endpoint::drain(const call& asked, const order& by) {
    auto wanted = read_body<drain_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.drain(asked.names.server(), *wanted, by);
}

http::served_answer endpoint::show_drain(const call& asked) {
    const auto found = node_.drain_of(asked.names.server());
    return found ? http::served_answer{.body = json_of(*found)} : problem(found.error());
}

result<outcome> endpoint::set_weight(const call& asked, const order& by) {
    auto wanted = read_body<weight_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_weight(asked.names.server(), wanted->weight, by);
}

result<outcome> endpoint::add_server(const call& asked, const order& by) {
    config::diagnostics problems;
    const auto written = config::parse_json(asked.asked.body, "body", problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return node_.add_server(asked.names.server(), written, by);
}

result<outcome> endpoint::remove_server(const call& asked, const order& by) {
    return node_.remove_server(asked.names.server(), by);
}

result<outcome> endpoint::lift(const call& asked, const order& by) {
    const auto field = asked.names.all[2];
    return node_.lift(asked.names.server(), field.empty() ? std::nullopt : std::optional(field),
                      by);
}

result<outcome> endpoint::set_log(const call& asked, const order& by) {
    auto wanted = read_body<log_wanted>(asked.asked);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    return node_.set_log(*wanted, by);
}

result<outcome> endpoint::lift_log(const call&, const order& by) { return node_.lift_log(by); }

}  // namespace hawser::admin
