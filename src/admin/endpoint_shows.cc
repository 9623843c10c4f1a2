// SPDX-License-Identifier: Apache-2.0
// What the endpoint shows, and changes nothing by.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/endpoint.h"
#include "admin/json.h"
#include "admin/openapi.h"
#include "admin/problem.h"
#include "base/hash.h"
#include "config/json_reader.h"
#include "observe/exposition.h"

namespace hawser::admin {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

http::served_answer say(unsigned status, std::string_view text) {
    return {.status = status, .content_type = std::string(plain_text), .body = std::string(text)};
}

}  // namespace

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

http::served_answer endpoint::show_drain(const call& asked) {
    const auto found = node_.drain_of(asked.names.server());
    return found ? http::served_answer{.body = json_of(*found)} : problem(found.error());
}

}  // namespace hawser::admin
