// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "admin/guard.h"
#include "admin/json.h"
#include "admin/wanted.h"
#include "base/limits.h"
#include "config/json_reader.h"
#include "observe/exposition.h"

namespace hawser::admin {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

http::served_answer problem(unsigned status, std::string_view what) {
    return {.status = status, .body = json_of_error(what)};
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
    auto answer = problem(405, "this is asked by " + allowed);
    answer.lines = "Allow: " + allowed + "\r\n";
    return answer;
}

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

caller caller_of(const http::served_request& asked) {
    const bool is_local = asked.peer.family() == io::endpoint::kind::unix_path ||
                          asked.peer.family() == io::endpoint::kind::none;
    return {.who = "local", .from = is_local ? "unix" : asked.peer.text()};
}

}  // namespace

std::span<const action> endpoint::actions() noexcept {
    using self = endpoint;
    static constexpr std::array all = {
        action{"GET", "/healthz", "The process lives", &self::health},
        action{"GET", "/readyz", "The node takes traffic", &self::readiness},
        action{"GET", "/metrics", "Metrics for Prometheus", &self::metrics},
        action{"GET", "/v1/status", "The node as a whole", &self::status},
        action{"GET", "/v1/pools", "All pools with their servers", &self::pools},
        action{"GET", "/v1/pools/{pool}", "One pool with its servers", &self::pool},
        action{"GET", "/v1/pools/{pool}/servers/{server}", "One server", &self::server},
        action{"PUT", "/v1/pools/{pool}/servers/{server}", "Add a server", &self::add_server},
        action{"DELETE", "/v1/pools/{pool}/servers/{server}", "Remove a server",
               &self::remove_server},
        action{"PUT", "/v1/pools/{pool}/servers/{server}/state", "Set a server's state",
               &self::set_state},
        action{"PUT", "/v1/pools/{pool}/servers/{server}/weight", "Set a server's weight",
               &self::set_weight},
        action{"DELETE", "/v1/pools/{pool}/servers/{server}/overrides",
               "Lift all that was set of a server", &self::lift},
        action{"DELETE", "/v1/pools/{pool}/servers/{server}/overrides/{field}",
               "Lift one thing that was set of a server", &self::lift},
        action{"GET", "/v1/overrides", "All that was set at run time", &self::overrides},
        action{"POST", "/v1/reload", "Read the configuration again", &self::reload},
    };
    return all;
}

endpoint::endpoint(operations& node)
    : node_(node),
      server_(
          {.body_max = limits::admin_body_max, .connections_max = limits::admin_connections_max},
          [this](const http::served_request& asked) { return handle(asked); }) {}

task<http::served_answer> endpoint::handle(const http::served_request& asked) {
    co_return answer(asked);
}

http::served_answer endpoint::answer(const http::served_request& asked) {
    if (const auto why = reason_to_refuse(asked, node_.allowed_hosts()); !why.empty())
        return problem(403, why);
    const std::string_view method = asked.method == "HEAD" ? "GET" : std::string_view(asked.method);
    for (const auto& each : actions()) {
        if (each.method != method) continue;
        const auto names = match(each.path, asked.path);
        if (!names) continue;
        if (each.changes() && method != "DELETE" && !is_json(asked))
            return problem(415, "what changes something needs `Content-Type: application/json`");
        return (this->*each.answer)({.asked = asked, .names = *names, .by = caller_of(asked)});
    }
    return wrong_method(asked.path);
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

http::served_answer endpoint::tell_change(const result<outcome>& done, server_name which) {
    if (!done) return problem(done.error());
    const auto pool = node_.pool(which.pool);
    return {.body = json_of_change(*done, pool ? pool->find(which.server) : nullptr)};
}

http::served_answer endpoint::reload(const call& asked) {
    if (const auto wanted = read_body<nothing_wanted>(asked.asked); !wanted)
        return problem(wanted.error());
    return tell_change(node_.reload(asked.by), {});
}

http::served_answer endpoint::set_state(const call& asked) {
    const auto wanted = read_body<state_wanted>(asked.asked);
    if (!wanted) return problem(wanted.error());
    const auto which = asked.names.server();
    return tell_change(node_.set_state(which, wanted->state, asked.by), which);
}

http::served_answer endpoint::set_weight(const call& asked) {
    const auto wanted = read_body<weight_wanted>(asked.asked);
    if (!wanted) return problem(wanted.error());
    const auto which = asked.names.server();
    return tell_change(node_.set_weight(which, wanted->weight, asked.by), which);
}

http::served_answer endpoint::add_server(const call& asked) {
    config::diagnostics problems;
    const auto written = config::parse_json(asked.asked.body, "body", problems);
    if (problems.has_errors()) return problem(422, problems.text());
    const auto which = asked.names.server();
    return tell_change(node_.add_server(which, written, asked.by), which);
}

http::served_answer endpoint::remove_server(const call& asked) {
    const auto which = asked.names.server();
    return tell_change(node_.remove_server(which, asked.by), which);
}

http::served_answer endpoint::lift(const call& asked) {
    const auto which = asked.names.server();
    const auto field = asked.names.all[2];
    const auto one = field.empty() ? std::nullopt : std::optional(field);
    return tell_change(node_.lift(which, one, asked.by), which);
}

}  // namespace hawser::admin
