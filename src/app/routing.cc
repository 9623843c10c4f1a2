// SPDX-License-Identifier: Apache-2.0
#include "app/routing.h"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ensure.h"

namespace hawser::app {

namespace {

std::vector<std::string> or_any(const std::vector<std::string>& some) {
    return some.empty() ? std::vector<std::string>{""} : some;
}

/// How texts of this route look at a path that it matched.
proxy::path_reading reading_of(const route& given, const proxy::text_template& text) {
    proxy::path_reading made;
    if (given.path.starts_with('/')) {
        proxy::path_segments segments(given.path);
        while (segments.next()) ++made.depth;
    }
    if (text.has_groups()) {
        auto compiled = http::pattern::compile(std::string_view(given.path).substr(1));
        ensure(compiled.has_value(), "patterns were compiled when the file was checked");
        made.groups = std::move(*compiled);
    }
    return made;
}

proxy::text_template template_of(const route& given, std::string_view text) {
    auto parsed = proxy::text_template::parse(text, groups_of_path(given));
    ensure(parsed.has_value(), "templates were parsed when the file was checked");
    return std::move(*parsed);
}

std::shared_ptr<const proxy::fixed_answer> answer_of(const route& given) {
    proxy::fixed_answer made;
    if (given.redirect) {
        made.status = given.redirect->status;
        made.location = template_of(given, given.redirect->to);
        made.reading = reading_of(given, *made.location);
    } else if (given.respond) {
        made.status = given.respond->status;
        made.content_type = given.respond->content_type;
        if (!given.respond->body.text.empty()) made.body = given.respond->body.text;
    } else {
        return nullptr;
    }
    return std::make_shared<const proxy::fixed_answer>(std::move(made));
}

std::shared_ptr<const proxy::path_rewriting> new_path_of(const route& given) {
    if (given.rewrite_path.empty()) return nullptr;
    proxy::path_rewriting made{.to = template_of(given, given.rewrite_path)};
    made.keeps_rest = given.path.empty() || given.path.starts_with('/');
    made.reading = reading_of(given, made.to);
    return std::make_shared<const proxy::path_rewriting>(std::move(made));
}

std::shared_ptr<const proxy::compression> compression_of(const route& given) {
    if (!given.compress) return nullptr;
    proxy::compression made;
    made.which = {.types = given.compress->types,
                  .size_min = given.compress->minimum.value,
                  .with_secrets = given.compress->secrets};
    made.with = given.compress->with;
    for (const auto& each : made.with) made.names.push_back(each.name());
    return std::make_shared<const proxy::compression>(std::move(made));
}

using host_set = std::set<std::string, std::less<>>;

/// A route with several hosts or listeners is a rule for each; those of `hosts` are added, null:
/// all.
void add_routes(const route& given, std::size_t number, std::size_t pool, rate_limits* rates,
                const host_set* hosts, std::vector<proxy::route>& into) {
    proxy::route made;
    made.number = number;
    made.when.path = given.path;
    made.when.methods = given.method;
    made.when.headers = given.header.all;
    made.when.query = given.query.all;
    made.pool = pool;
    made.answer = answer_of(given);
    made.new_path = new_path_of(given);
    made.pages = pages_of(given.error_pages);
    made.compressed = compression_of(given);
    made.access = access_of(given.allow, given.allow_file, given.deny, given.deny_file);
    if (rates != nullptr) made.rates = rates->of_route(given);
    if (given.timeout) made.timeout = *given.timeout;
    if (given.max_body) made.body_max = given.max_body->value;
    made.allows_websocket =
        std::ranges::find(given.upgrades, upgrade::websocket) != given.upgrades.end();
    made.request = {.set = given.set_request_headers.all, .remove = given.remove_request_headers};
    made.response = {.set = given.set_response_headers.all,
                     .remove = given.remove_response_headers};
    for (const auto& on : or_any(given.listener)) {
        for (const auto& host : or_any(given.host)) {
            if (hosts != nullptr && !hosts->contains(host)) continue;
            made.when.listener = on;
            made.when.host = host;
            into.push_back(made);
        }
    }
}

bool has_any(const route& one, const host_set& hosts) {
    if (one.host.empty()) return hosts.contains("");
    return std::ranges::any_of(one.host, [&](const auto& host) { return hosts.contains(host); });
}

/// Most changes are in one place of the list: what is the same before and behind it is passed over.
host_set hosts_changed(std::span<const route> before, std::span<const route> after) {
    const auto [was, is] = std::ranges::mismatch(before, after);
    before = {was, before.end()};
    after = {is, after.end()};
    while (!before.empty() && !after.empty() && before.back() == after.back()) {
        before = before.first(before.size() - 1);
        after = after.first(after.size() - 1);
    }
    host_set all;
    for (const auto& some : {before, after})
        for (const auto& each : some)
            for (auto& host : or_any(each.host)) all.insert(std::move(host));
    return all;
}

}  // namespace

std::shared_ptr<const proxy::error_pages> pages_of(const error_pages& given) {
    if (given.empty()) return nullptr;
    proxy::error_pages made;
    for (const auto& [status, page] : given) {
        // `5xx` is 5 for all of its class.
        const auto digits = std::string_view(status).substr(0, status.ends_with("xx") ? 1 : 3);
        unsigned number = 0;
        for (const char digit : digits) number = number * 10 + unsigned(digit - '0');
        made[number] = {.html = page.html.text, .json = page.json.text};
    }
    return std::make_shared<const proxy::error_pages>(std::move(made));
}

std::shared_ptr<const clients::access_list> access_of(const std::vector<clients::network>& allow,
                                                      const std::vector<network_file>& allow_files,
                                                      const std::vector<clients::network>& deny,
                                                      const std::vector<network_file>& deny_files) {
    if (allow.empty() && allow_files.empty() && deny.empty() && deny_files.empty()) return nullptr;
    return std::make_shared<const clients::access_list>(all_networks(allow, allow_files),
                                                        all_networks(deny, deny_files));
}

namespace {

std::vector<proxy::route> routes_of(const configuration& given, const host_set* hosts,
                                    const std::function<std::size_t(std::string_view)>& place_of,
                                    rate_limits* rates) {
    std::vector<proxy::route> all;
    for (std::size_t i = 0; i < given.routes.size(); ++i) {
        const route& one = given.routes[i];
        if (hosts != nullptr && !has_any(one, *hosts)) continue;
        add_routes(one, i, one.pool.empty() ? proxy::no_pool : place_of(one.pool), rates, hosts,
                   all);
    }
    return all;
}

}  // namespace

proxy::router make_router(const configuration& given,
                          const std::function<std::size_t(std::string_view)>& place_of,
                          rate_limits* rates) {
    return proxy::router(routes_of(given, nullptr, place_of, rates));
}

proxy::router make_router(const configuration& given,
                          const std::function<std::size_t(std::string_view)>& place_of,
                          rate_limits& rates, const configuration& former,
                          const proxy::router& before) {
    const auto hosts = hosts_changed(former.routes, given.routes);
    return before.with(hosts, routes_of(given, &hosts, place_of, &rates));
}

}  // namespace hawser::app
