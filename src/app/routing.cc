// SPDX-License-Identifier: Apache-2.0
#include "app/routing.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace hawser::app {

namespace {

std::vector<std::string> or_any(const std::vector<std::string>& some) {
    return some.empty() ? std::vector<std::string>{""} : some;
}

/// A route with several hosts or listeners is a rule for each.
void add_routes(const route& given, std::size_t number, std::size_t pool,
                std::vector<proxy::route>& into) {
    proxy::route made;
    made.number = number;
    made.when.path = given.path;
    made.when.methods = given.method;
    made.when.headers = given.header.all;
    made.when.query = given.query.all;
    made.pool = pool;
    if (given.timeout) made.timeout = *given.timeout;
    if (given.max_body) made.body_max = given.max_body->value;
    made.allows_websocket =
        std::ranges::find(given.upgrades, upgrade::websocket) != given.upgrades.end();
    made.request = {.set = given.set_request_headers.all, .remove = given.remove_request_headers};
    made.response = {.set = given.set_response_headers.all,
                     .remove = given.remove_response_headers};
    for (const auto& on : or_any(given.listener)) {
        for (const auto& host : or_any(given.host)) {
            made.when.listener = on;
            made.when.host = host;
            into.push_back(made);
        }
    }
}

}  // namespace

proxy::router make_router(const configuration& given,
                          const std::function<std::size_t(std::string_view)>& place_of) {
    std::vector<proxy::route> routes;
    for (std::size_t i = 0; i < given.routes.size(); ++i)
        add_routes(given.routes[i], i, place_of(given.routes[i].pool), routes);
    return proxy::router(std::move(routes));
}

}  // namespace hawser::app
