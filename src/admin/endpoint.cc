// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <string>
#include <utility>

#include "admin/change_options.h"
#include "admin/guard.h"
#include "admin/json.h"
#include "admin/problem.h"
#include "base/limits.h"

namespace hawser::admin {

namespace {

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

}  // namespace

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
    if (given->what->is_change())
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
    if (what.is_change())
        record({.who = given.by.who, .from = origin_of(asked)}, given.by.may, asked,
               refused.status);
    return std::unexpected(std::move(refused));
}

task<result<outcome>> endpoint::make(const action& what, const call& asked, const order& by) {
    if (what.change != nullptr) co_return (this->*what.change)(asked, by);
    co_return co_await (this->*what.steer)(asked, by);
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
        auto tried = co_await make(*given.what, what, by);
        by.is_trial = options->is_trial;
        if (!tried) co_return answer(problem(tried.error()));
        movement moved;
        if (tried->sessions)
            moved = *tried->sessions;
        else
            moved = co_await node_.would_move(tried->homes);
        if (options->is_trial) co_return http::served_answer{.body = json_of_trial(*tried, moved)};
        if (moved.total() > *limit)
            co_return answer({.status = 409, .body = json_of_refusal(*tried, moved, *limit)});
    }
    const auto done = co_await make(*given.what, what, by);
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

}  // namespace hawser::admin
