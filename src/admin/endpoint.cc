// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "admin/guard.h"
#include "admin/json.h"
#include "base/limits.h"
#include "observe/exposition.h"

namespace hawser::admin {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view reload_path = "/v1/reload";
constexpr std::string_view servers_prefix = "/v1/servers/";
constexpr std::array<std::string_view, 4> shown_paths = {"/healthz", "/readyz", "/metrics",
                                                         "/v1/status"};

constexpr std::array<std::pair<std::string_view, upstream::admin_state>, 3> wanted_states = {{
    {"ready", upstream::admin_state::ready},
    {"drain", upstream::admin_state::drain},
    {"maintenance", upstream::admin_state::maintenance},
}};

enum class purpose : std::uint8_t { none, shows, acts };

purpose purpose_of(std::string_view path) {
    for (const auto shown : shown_paths)
        if (path == shown) return purpose::shows;
    if (path == reload_path || path.starts_with(servers_prefix)) return purpose::acts;
    return purpose::none;
}

http::served_answer problem(unsigned status, std::string_view what) {
    return {.status = status, .body = json_of_error(what)};
}

http::served_answer wrong_method(std::string_view allowed) {
    auto answer = problem(405, "this is asked by " + std::string(allowed));
    answer.lines = "Allow: " + std::string(allowed) + "\r\n";
    return answer;
}

http::served_answer say(unsigned status, std::string_view text) {
    return {.status = status, .content_type = std::string(plain_text), .body = std::string(text)};
}

unsigned status_for(errc why) {
    switch (why) {
        case errc::not_found: return 404;
        case errc::unavailable: return 503;
        default: return 422;
    }
}

/// `POOL/SERVER/ACTION`; names have no slash.
struct server_action {
    std::string_view pool;
    std::string_view server;
    upstream::admin_state wanted;
};

std::optional<server_action> read_action(std::string_view path) {
    path.remove_prefix(servers_prefix.size());
    const auto first = path.find('/');
    const auto second = path.find('/', first + 1);
    if (first == path.npos || second == path.npos) return std::nullopt;
    for (const auto& [name, wanted] : wanted_states)
        if (path.substr(second + 1) == name)
            return server_action{path.substr(0, first), path.substr(first + 1, second - first - 1),
                                 wanted};
    return std::nullopt;
}

}  // namespace

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
    const bool only_looks = asked.method == "GET" || asked.method == "HEAD";
    switch (purpose_of(asked.path)) {
        case purpose::none: return problem(404, "there is nothing here");
        case purpose::shows: return only_looks ? show(asked.path) : wrong_method("GET, HEAD");
        case purpose::acts: break;
    }
    if (asked.method != "POST") return wrong_method("POST");
    if (!is_json(asked))
        return problem(415, "what changes something needs `Content-Type: application/json`");
    return act(asked.path);
}

http::served_answer endpoint::show(std::string_view path) {
    if (path == "/healthz") return say(200, "ok\n");
    if (path == "/readyz") return node_.is_ready() ? say(200, "ready\n") : say(503, "draining\n");
    if (path == "/metrics")
        return {.content_type = std::string(observe::metrics_content_type),
                .body = node_.metrics()};
    return {.body = json_of(node_.status())};
}

http::served_answer endpoint::act(std::string_view path) {
    return path == reload_path ? reload() : change_server(path);
}

http::served_answer endpoint::reload() {
    if (const auto done = node_.reload(); !done)
        return problem(status_for(done.error().code), done.error().context);
    return {.body = json_of_generation(node_.status().generation)};
}

http::served_answer endpoint::change_server(std::string_view path) {
    const auto action = read_action(path);
    if (!action) return problem(404, "it is /v1/servers/POOL/SERVER/drain, ready or maintenance");
    const auto done = node_.set_state(action->pool, action->server, action->wanted);
    if (!done) return problem(status_for(done.error().code), done.error().context);
    return {.body = json_of_state(action->pool, action->server, upstream::name_of(action->wanted))};
}

}  // namespace hawser::admin
