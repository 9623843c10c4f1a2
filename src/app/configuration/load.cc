// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/load.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "affinity/cookie.h"
#include "app/configuration/checks.h"
#include "app/configuration/state_directory.h"
#include "config/document.h"
#include "config/schema.h"
#include "config/write.h"
#include "http/uri.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;
using config::position;

/// A cookie's limits are the sessions' where the file does not say otherwise.
void inherit_limits(configuration& given, const node& written) {
    if (given.sessions.idle_timeout > given.sessions.absolute_timeout) return;  // told elsewhere
    const auto* pools = written.find("pools");
    for (auto& [name, one] : given.pools) {
        const auto* pool_written = pools ? pools->find(name) : nullptr;
        const auto* list = pool_written ? pool_written->find("affinity") : nullptr;
        for (std::size_t i = 0; i < one.affinity.size(); ++i) {
            auto& chosen = one.affinity[i];
            const auto* settings = chosen.settings_if<affinity::cookie>();
            if (!settings) continue;
            const auto* item = list && i < list->items().size() ? &list->items()[i] : nullptr;
            const auto* said = item ? item->find("cookie") : nullptr;

            auto mine = *settings;
            if (!said || !said->find("ttl")) mine.ttl = given.sessions.idle_timeout;
            if (!said || !said->find("absolute")) mine.absolute = given.sessions.absolute_timeout;
            chosen = affinity::choice(
                chosen.chosen(),
                std::make_shared<const affinity::cookie::settings>(std::move(mine)));
        }
    }
}

/// Hosts as they are compared (E44): lower case, without a trailing dot.
void fold_hosts(configuration& given) {
    for (auto& one : given.routes) {
        for (auto& host : one.host) {
            std::string space(host.size(), '\0');
            host = http::fold_host(host, space);
        }
    }
}

void check_sessions(const sessions& given, const node& written, diagnostics& out) {
    if (given.idle_timeout <= given.absolute_timeout) return;
    out.error(written.place({"sessions", "idle-timeout"}),
              "`idle-timeout` is longer than `absolute-timeout`");
}

loaded read(node written, const config::variables& known, diagnostics problems) {
    // A file that could not be read hides what it holds: more messages would mislead.
    if (written.is_null()) return {.problems = std::move(problems)};

    std::erase_if(written.entries(),
                  [](const node::entry& one) { return one.key.starts_with("x-"); });
    configuration made;
    config::codec<configuration>::read(written, made, problems);
    inherit_limits(made, written);
    fold_hosts(made);
    complete_session_service(made);
    if (made.state.empty()) made.state = default_state_directory(known);
    if (made.keys.empty()) made.keys = keys_in(made.state);

    check_sessions(made.sessions, written, problems);
    check_session_service(made, written, problems);
    check_listeners(made, written, problems);
    check_pools(made, written, problems);
    check_releases(made, written, problems);
    check_cookies(made, written, problems);
    check_routes(made, written, problems);
    check_timeouts(made, written, problems);

    loaded all{.problems = std::move(problems), .written = std::move(written)};
    if (!all.problems.has_errors()) all.settings = std::move(made);
    return all;
}

/// A place that is no file: the option as it was typed.
position option(std::string text) { return {std::make_shared<const std::string>(std::move(text))}; }

node from_option(std::string text, position at) {
    auto made = node::quoted(std::move(text));
    made.place_at(std::move(at));
    return made;
}

node listen_options(const std::vector<std::string>& given) {
    auto all = node::empty_list();
    all.place_at(option("--listen"));
    for (const auto& one : given) all.add(from_option(one, option("--listen " + one)));
    return all;
}

node server_options(const std::vector<std::string>& given, diagnostics& problems) {
    auto all = node::empty_map();
    all.place_at(option("--server"));
    for (const auto& one : given) {
        const auto at = option("--server " + one);
        const auto equals = one.find('=');
        const bool is_named = equals != one.npos;
        auto name =
            is_named ? one.substr(0, equals) : "s" + std::to_string(all.entries().size() + 1);
        auto address = from_option(is_named ? one.substr(equals + 1) : one, at);
        if (all.find(name))
            problems.error(at, "there is a server `" + name + "` already");
        else
            all.entries().push_back({std::move(name), at, std::move(address)});
    }
    return all;
}

}  // namespace

loaded load(const std::string& path, const config::variables& known) {
    diagnostics problems;
    auto written = config::load_yaml(path, known, problems);
    auto all = read(std::move(written), known, std::move(problems));
    std::error_code unknown;
    all.origin = std::filesystem::absolute(path, unknown).lexically_normal().string();
    return all;
}

loaded load_text(std::string_view text, const std::string& file, const config::variables& known) {
    diagnostics problems;
    auto written = config::parse_yaml(text, file, known, problems);
    return read(std::move(written), known, std::move(problems));
}

loaded load_options(const quick_options& given, const config::variables& known) {
    diagnostics problems;
    auto written = node::empty_map();
    auto& web = written.set("listeners", node::empty_map()).set("web", node::empty_map());
    web.set("bind", listen_options(given.listen));
    auto& pool = written.set("pools", node::empty_map()).set("default", node::empty_map());
    pool.set("servers", server_options(given.servers, problems));
    auto& route = written.set("routes", node::empty_list()).add(node::empty_map());
    route.set("pool", node::quoted("default"));
    return read(std::move(written), known, std::move(problems));
}

std::string dump(const configuration& given) {
    return config::to_yaml(config::codec<configuration>::show(given));
}

std::string schema() {
    return config::to_json(
        config::schema_of(config::description_of<configuration>(), "Configuration of hawser"));
}

std::string reference() {
    return "# Configuration reference\n\n"
           "Every key that the file may hold. Generated from the descriptions in the source by "
           "`hawser schema --reference`; do not edit. docs/configuration.md explains how a file "
           "is written, and what durations, sizes and lists look like.\n" +
           config::reference_of(config::description_of<configuration>());
}

}  // namespace hawser::app
