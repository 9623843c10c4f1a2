// SPDX-License-Identifier: Apache-2.0
// `hawser check --routes`: in which order routes are asked, and which one a request finds.

#include "app/command/routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/table.h"
#include "app/routing.h"
#include "http/h1/parser.h"

namespace hawser::app {

namespace {

using nlohmann::ordered_json;
using text_pair = std::pair<std::string, std::string>;

proxy::router router_of(const configuration& given) {
    return make_router(given, [&](std::string_view name) {
        return std::size_t(std::distance(given.pools.begin(), given.pools.find(name)));
    });
}

std::string place_of(const loaded& from, const proxy::route& one) {
    return from.written.place({"routes", std::to_string(one.number)}).text();
}

std::string outcome_of(const loaded& from, const proxy::route& one) {
    const route& written = from.settings->routes[one.number];
    if (written.redirect)
        return fmt::format("redirect {} to {}", written.redirect->status, written.redirect->to);
    if (written.respond) return fmt::format("answer {}", written.respond->status);
    return "pool " + written.pool;
}

std::string words_for(const char* what, const text_pair& one) {
    return fmt::format("{} {}{}{}", what, one.first, one.second.empty() ? "" : "=", one.second);
}

/// The conditions beside host and path.
std::vector<std::string> others_of(const proxy::route_conditions& when) {
    std::vector<std::string> all;
    if (!when.listener.empty()) all.push_back("listener " + when.listener);
    if (!when.methods.empty())
        all.push_back(fmt::format("method {}", fmt::join(when.methods, "|")));
    for (const auto& each : when.headers) all.push_back(words_for("header", each));
    for (const auto& each : when.query) all.push_back(words_for("query", each));
    return all;
}

std::string table_of_routes(const loaded& from, const proxy::router& routes) {
    std::vector<std::vector<std::string>> rows{
        {"ORDER", "HOST", "PATH", "OTHER CONDITIONS", "LEADS TO", "WRITTEN AT"}};
    const auto or_any = [](const std::string& text) { return text.empty() ? "any" : text; };
    for (const auto* each : routes.routes())
        rows.push_back({std::to_string(rows.size()), or_any(each->when.host),
                        or_any(each->when.path),
                        fmt::format("{}", fmt::join(others_of(each->when), ", ")),
                        outcome_of(from, *each), place_of(from, *each)});
    return table_of(rows);
}

/// The place at which a route is asked, from 1.
std::size_t order_of(const proxy::router& routes, const proxy::route& one) {
    const auto all = routes.routes();
    return std::size_t(std::ranges::find(all, &one) - all.begin()) + 1;
}

ordered_json document_of(const loaded& from, std::size_t order, const proxy::route& one) {
    const auto pairs = [](const std::vector<text_pair>& all) {
        auto made = ordered_json::object();
        for (const auto& [name, value] : all) made[name] = value;
        return made;
    };
    return {{"order", order},
            {"listener", one.when.listener},
            {"host", one.when.host},
            {"path", one.when.path},
            {"methods", one.when.methods},
            {"headers", pairs(one.when.headers)},
            {"query", pairs(one.when.query)},
            {"leads_to", outcome_of(from, one)},
            {"written_at", place_of(from, one)}};
}

/// Whether a request has what a route asks of its host and its path.
bool has_place_of(const proxy::route& one, const http::request_head& head) {
    proxy::route bare;
    bare.when.host = one.when.host;
    bare.when.path = one.when.path;
    const auto found = proxy::router({bare}).find({}, head);
    return found && *found != nullptr;
}

/// The first condition, beside host and path, that a request does not meet.
std::string missed(const proxy::route_conditions& when, std::string_view listener,
                   const http::request_head& head) {
    const auto meets = [&](proxy::route_conditions only) {
        return proxy::meets_others(only, listener, head);
    };
    if (!meets({.listener = when.listener})) return "it came in at another listener";
    if (!meets({.methods = when.methods})) return "the method is another";
    for (const auto& each : when.headers)
        if (!meets({.headers = {each}})) return "it has no " + words_for("header", each);
    for (const auto& each : when.query)
        if (!meets({.query = {each}})) return "it has no " + words_for("query", each);
    return {};
}

/// A request as a person writes it down, with the bytes that its head looks into.
class hypothetical_request {
  public:
    static result<hypothetical_request> parse(const routes_question& asked) {
        hypothetical_request made;
        // HTTP/1.0 needs no Host beside a whole address.
        *made.bytes_ = asked.request + " HTTP/1.0\r\n";
        for (const auto& each : asked.headers) *made.bytes_ += each + "\r\n";
        *made.bytes_ += "\r\n";
        const auto parsed = http::h1::parse_request_head(*made.bytes_, *made.head_, {});
        if (parsed.state == http::h1::parse_state::complete) return made;
        return fail(errc::invalid,
                    fmt::format("this is no request ({}): write --request "
                                "'GET https://shop.example/x' and --header 'NAME: VALUE'",
                                parsed.why.cause));
    }

    [[nodiscard]] const http::request_head& head() const { return *head_; }

  private:
    std::unique_ptr<std::string> bytes_ = std::make_unique<std::string>();
    std::unique_ptr<http::request_head> head_ = std::make_unique<http::request_head>();
};

/// Why routes that would go before the one found did not take it.
std::vector<std::pair<const proxy::route*, std::string>> passed_over(
    const proxy::router& routes, const proxy::route* found, std::string_view listener,
    const http::request_head& head) {
    std::vector<std::pair<const proxy::route*, std::string>> all;
    for (const auto* each : routes.routes()) {
        if (each == found) break;
        if (has_place_of(*each, head)) all.emplace_back(each, missed(each->when, listener, head));
    }
    return all;
}

result<std::string> explain(const loaded& from, const proxy::router& routes,
                            const routes_question& asked) {
    const auto request = hypothetical_request::parse(asked);
    if (!request) return std::unexpected(request.error());
    const std::string listener =
        asked.listener.empty() ? from.settings->listeners.begin()->first : asked.listener;
    if (!from.settings->listeners.contains(listener))
        return fail(errc::invalid, "there is no listener `" + listener + "`");

    const auto found = routes.find(listener, request->head());
    const proxy::route* way = found ? *found : nullptr;
    const std::string answer = !found ? "400: its path climbs above the root or holds a NUL"
                               : way == nullptr ? "404: no route matches"
                                                : outcome_of(from, *way);
    if (asked.json) {
        ordered_json told{{"listener", listener}, {"leads_to", answer}};
        if (way != nullptr) told["route"] = document_of(from, order_of(routes, *way), *way);
        told["passed_over"] = ordered_json::array();
        if (found)
            for (const auto& [route, why] : passed_over(routes, way, listener, request->head()))
                told["passed_over"].push_back(
                    {{"written_at", place_of(from, *route)}, {"why", why}});
        return told.dump(2) + "\n";
    }
    std::string text = fmt::format("{} at listener {}: {}\n", asked.request, listener, answer);
    if (!found) return text;
    for (const auto& [route, why] : passed_over(routes, way, listener, request->head()))
        text += fmt::format("  not the route at {}: {}\n", place_of(from, *route), why);
    if (way != nullptr)
        text += fmt::format("  by route {}, host {}, path {}, at {}\n", order_of(routes, *way),
                            way->when.host.empty() ? "any" : way->when.host,
                            way->when.path.empty() ? "any" : way->when.path, place_of(from, *way));
    return text;
}

}  // namespace

result<std::string> show_routes(const loaded& from, const routes_question& asked) {
    const auto routes = router_of(*from.settings);
    if (!asked.request.empty()) return explain(from, routes, asked);
    if (!asked.json) return table_of_routes(from, routes);
    auto all = ordered_json::array();
    for (const auto* each : routes.routes())
        all.push_back(document_of(from, all.size() + 1, *each));
    return ordered_json{{"routes", std::move(all)}}.dump(2) + "\n";
}

}  // namespace hawser::app
