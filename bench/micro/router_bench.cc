// SPDX-License-Identifier: Apache-2.0
// What finding a route costs, by what the routes ask for and how many there are.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/h1/parser.h"
#include "proxy/router.h"

namespace hawser {
namespace {

/// `count` routes that differ in one condition, which `condition(number)` gives.
template <typename Condition>
proxy::router routes_of(std::int64_t count, const Condition& condition) {
    std::vector<proxy::route> routes(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < routes.size(); ++i) routes[i].when = condition(std::to_string(i));
    return proxy::router(std::move(routes));
}

void find(benchmark::State& state, const proxy::router& routes, const std::string& line) {
    const std::string bytes = line + "\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
    const auto head = std::make_unique<http::request_head>();
    const auto parsed = http::h1::parse_request_head(bytes, *head, {});
    const auto found = routes.find("web", *head);
    if (parsed.state != http::h1::parse_state::complete || !found || *found == nullptr)
        state.SkipWithError("the request finds no route");
    while (state.KeepRunning()) benchmark::DoNotOptimize(routes.find("web", *head));
}

using when = proxy::route_conditions;

void without_conditions(benchmark::State& state) {
    find(state, routes_of(1, [](const std::string&) { return when(); }),
         "GET /a/b?c HTTP/1.1\r\nHost: shop.example");
}

void by_host(benchmark::State& state) {
    find(state,
         routes_of(state.range(0),
                   [](const std::string& n) { return when{.host = "h" + n + ".shop.example"}; }),
         "GET /a/b?c HTTP/1.1\r\nHost: h0.shop.example");
}

void by_wildcard(benchmark::State& state) {
    find(state,
         routes_of(state.range(0),
                   [](const std::string& n) { return when{.host = "*.h" + n + ".example"}; }),
         "GET /a/b?c HTTP/1.1\r\nHost: any.h0.example");
}

void by_exact_path(benchmark::State& state) {
    find(state,
         routes_of(state.range(0), [](const std::string& n) { return when{.path = "=/api/" + n}; }),
         "GET /api/0 HTTP/1.1\r\nHost: shop.example");
}

void by_prefix(benchmark::State& state) {
    find(state,
         routes_of(state.range(0), [](const std::string& n) { return when{.path = "/api/" + n}; }),
         "GET /api/0/orders/17?full HTTP/1.1\r\nHost: shop.example");
}

void by_pattern(benchmark::State& state) {
    find(state,
         routes_of(state.range(0),
                   [](const std::string& n) { return when{.path = "~^/api/" + n + "/[0-9]+$"}; }),
         "GET /api/0/17 HTTP/1.1\r\nHost: shop.example");
}

BENCHMARK(without_conditions);
BENCHMARK(by_host)->Arg(3)->Arg(3000);
BENCHMARK(by_wildcard)->Arg(3)->Arg(3000);
BENCHMARK(by_exact_path)->Arg(3)->Arg(3000);
BENCHMARK(by_prefix)->Arg(3)->Arg(3000);
BENCHMARK(by_pattern)->Arg(3)->Arg(300);

}  // namespace
}  // namespace hawser
