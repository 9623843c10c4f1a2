// SPDX-License-Identifier: Apache-2.0
#include "admin/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "crypto/key_text.h"

namespace hawser::admin {

namespace {

using json = nlohmann::ordered_json;

constexpr int indented = 2;

std::string text_of(const json& shown, int indent = -1) {
    return shown.dump(indent, ' ', false, json::error_handler_t::replace) + '\n';
}

json tree_of(const std::optional<check_status>& one) {
    if (!one) return nullptr;
    return {{"kind", one->kind},
            {"passed", one->passed},
            {"result", one->result},
            {"duration_ms", one->took.count()},
            {"age_ms", one->age.count()}};
}

template <typename Value>
json number_or_null(const std::optional<Value>& value) {
    return value ? json(*value) : json();
}

json tree_of(const drain_progress& one) {
    const auto expected = one.expected_in ? std::optional(one.expected_in->count()) : std::nullopt;
    return {{"left", number_or_null(one.left)},
            {"expected_in_seconds", number_or_null(expected)},
            {"deadline_in_seconds", one.deadline_in.count()}};
}

json tree_of(const server_status& one) {
    json made = {{"name", one.name},
                 {"address", one.address},
                 {"state", one.state},
                 {"weight", one.weight},
                 {"max_connections", one.connections_max},
                 {"max_sessions", one.sessions_max},
                 {"sessions", {{"established", one.established}, {"tentative", one.tentative}}},
                 {"in_flight", one.in_flight},
                 {"connections", one.connections},
                 {"requests", one.requests},
                 {"errors", one.errors},
                 {"check", tree_of(one.check)},
                 {"agent", tree_of(one.agent)},
                 {"reported_percent", one.reported},
                 {"warmth_percent", one.warmth},
                 {"waiting", one.waiting},
                 {"overridden", one.overridden},
                 {"source", one.source}};
    if (one.drain) made["drain"] = tree_of(*one.drain);
    return made;
}

json tree_of(const discovery_status& one) {
    json made = {{"kind", one.kind},     {"where", one.where},     {"found", one.found},
                 {"failed", one.failed}, {"trouble", one.trouble}, {"leaving", one.leaving}};
    if (one.age) made["age_seconds"] = one.age->count();
    return made;
}

json tree_of(const movement& all) {
    return {{"sessions", all.total()}, {"of", all.of},     {"with_tunnel", all.with_tunnel},
            {"active", all.active},    {"idle", all.idle}, {"tentative", all.tentative}};
}

/// As the access log writes it.
std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

json tree_of(const kept_status& one) {
    const auto seconds = [](const auto& span) {
        return span ? json(span->count()) : json(nullptr);
    };
    return {{"namespace", one.name_space},
            {"handle", one.handle},
            {"durability", one.durability},
            {"valuable", one.valuable},
            {"has_user", one.has_user},
            {"bytes", one.bytes},
            {"version", std::to_string(one.version)},
            {"age_seconds", one.age.count()},
            {"idle_seconds", one.idle.count()},
            {"ends_in_seconds", seconds(one.ends_in)},
            {"idle_limit_seconds", seconds(one.idle_limit)},
            {"absolute_limit_seconds", seconds(one.absolute_limit)}};
}

json tree_of(const session_status& one) {
    json made = {{"id", hash_text(one.id)},
                 {"pool", one.pool},
                 {"server", nullptr},
                 {"kind", one.kind},
                 {"user", nullptr},
                 {"state", one.tentative ? "tentative" : "established"},
                 {"pinned", one.pinned},
                 {"carried", one.carried},
                 {"age_seconds", one.age.count()},
                 {"idle_seconds", one.idle.count()},
                 {"requests", one.requests},
                 {"tunnels", one.tunnels},
                 {"keys", one.keys},
                 {"moves", one.moves},
                 {"data", nullptr}};
    if (one.data) made["data"] = tree_of(*one.data);
    if (!one.server.empty()) made["server"] = one.server;
    if (one.user != 0) made["user"] = hash_text(one.user);
    return made;
}

json tree_of(const proxy::explanation& one) {
    json steps = json::array();
    for (const auto& each : one.steps) steps.push_back({{"step", each.name}, {"says", each.says}});
    json choices = json::array();
    for (const auto& each : one.choices) {
        json candidates = json::array();
        for (const auto& server : each.candidates)
            candidates.push_back(
                {{"server", server.server}, {"home", server.is_home}, {"why_not", server.why_not}});
        choices.push_back({{"candidates", std::move(candidates)},
                           {"server", each.server},
                           {"verdict", each.verdict},
                           {"cause", each.cause}});
    }
    json made = {{"when", crypto::text_of(one.when)},
                 {"request_id", one.request_id},
                 {"session", nullptr},
                 {"pool", one.pool},
                 {"steps", std::move(steps)},
                 {"choices", std::move(choices)},
                 {"status", one.status},
                 {"ended", one.ended}};
    if (one.session != 0) made["session"] = hash_text(one.session);
    return made;
}

json tree_of(const override_status& one) {
    return {{"pool", one.pool}, {"server", one.server}, {"field", one.field}, {"value", one.value},
            {"file", one.file}, {"who", one.who},       {"when", one.when}};
}

json tree_of(const std::vector<override_status>& all) {
    json made = json::array();
    for (const auto& one : all) made.push_back(tree_of(one));
    return made;
}

json tree_of(const pool_status& one) {
    json servers = json::array();
    std::uint64_t established = 0;
    std::uint64_t tentative = 0;
    for (const auto& server : one.servers) {
        servers.push_back(tree_of(server));
        established += server.established;
        tentative += server.tentative;
    }
    json made = {{"name", one.name},
                 {"sessions", {{"established", established}, {"tentative", tentative}}},
                 {"queue", {{"waiting", one.crowd.waiting}, {"length", one.crowd.waiting_max}}},
                 {"circuit_breaker",
                  {{"requests", one.crowd.requests_max}, {"retries", one.crowd.retries_max}}},
                 {"servers", std::move(servers)}};
    if (one.discovery) made["discovery"] = tree_of(*one.discovery);
    if (one.rebalancing) made["rebalancing"] = {{"skew", *one.rebalancing}};
    return made;
}

}  // namespace

std::string json_of(const node_status& shown) {
    json listeners = json::array();
    for (const auto& one : shown.listeners)
        listeners.push_back({{"name", one.name}, {"address", one.address}});
    json pools = json::array();
    for (const auto& one : shown.pools) pools.push_back(tree_of(one));
    json made = {{"version", shown.version},
                 {"state", shown.state},
                 {"uptime_seconds", shown.uptime.count()},
                 {"generation", shown.generation},
                 {"reloads", shown.reloads},
                 {"last_reload_succeeded", shown.last_reload_succeeded},
                 {"workers", shown.workers},
                 {"listeners", std::move(listeners)},
                 {"pools", std::move(pools)},
                 {"overrides", tree_of(shown.overrides)}};
    if (shown.data)
        made["session_data"] = {{"records", shown.data->records},
                                {"bytes", shown.data->bytes},
                                {"clients", shown.data->clients},
                                {"store", shown.data->store}};
    return text_of(made, indented);
}

std::string json_of(const std::vector<pool_status>& shown) {
    json pools = json::array();
    for (const auto& one : shown) pools.push_back(tree_of(one));
    return text_of({{"pools", std::move(pools)}}, indented);
}

std::string json_of(const pool_status& shown) { return text_of(tree_of(shown), indented); }

std::string json_of(const server_status& shown) { return text_of(tree_of(shown), indented); }

std::string json_of(const std::vector<override_status>& shown) {
    return text_of({{"overrides", tree_of(shown)}}, indented);
}

std::string json_of(const upgrade_status& shown) {
    return text_of({{"pid", shown.process},
                    {"phase", shown.phase},
                    {"other_pid", shown.other},
                    {"why", shown.why}});
}

std::string json_of_error(std::string_view what) { return text_of({{"error", what}}); }

std::string json_of(const movement& shown) { return text_of(tree_of(shown), indented); }

std::string json_of_trial(const outcome& tried, const movement& moved) {
    json told = {{"dry_run", true}, {"would_" + std::string(tried.becomes), tree_of(moved)}};
    if (!tried.differences.empty()) told["differences"] = tried.differences;
    return text_of(told, indented);
}

std::string json_of_refusal(const outcome& tried, const movement& moved, std::uint64_t limit) {
    const auto would = "would " + std::string(tried.becomes);
    return text_of({{"error", std::to_string(moved.total()) + " of " + std::to_string(moved.of) +
                                  " sessions " + would + ", " + std::to_string(moved.with_tunnel) +
                                  " with open tunnels: more than " + std::to_string(limit) +
                                  " have to be forced"},
                    {"would_" + std::string(tried.becomes), tree_of(moved)}});
}

std::string json_of(const proxy::explanation& shown) { return text_of(tree_of(shown), indented); }

std::string json_of(const operations::explanations& shown) {
    json all = json::array();
    for (const auto& one : shown) all.push_back(tree_of(*one));
    return text_of({{"explanations", std::move(all)}}, indented);
}

std::string json_of(const session_page& shown) {
    json sessions = json::array();
    for (const auto& one : shown.sessions) sessions.push_back(tree_of(one));
    json made = {{"sessions", std::move(sessions)}, {"next", nullptr}};
    if (!shown.next.empty()) made["next"] = shown.next;
    return text_of(made, indented);
}

std::string json_of(const log_status& shown) {
    json watches = json::array();
    for (const auto& one : shown.watches)
        watches.push_back({{"session", one.session},
                           {"pool", one.pool},
                           {"client", one.client},
                           {"until", one.until}});
    return text_of({{"level", shown.level},
                    {"level_of_file", shown.level_of_file},
                    {"until", shown.until},
                    {"watches", std::move(watches)}},
                   indented);
}

std::string json_of_change(const outcome& done, const server_status* changed) {
    json told = {{"generation", done.generation}};
    if (!done.warning.empty()) told["warning"] = done.warning;
    if (done.sessions) told["sessions"] = done.sessions->total();
    if (done.records_ended) told["records_ended"] = *done.records_ended;
    if (changed != nullptr) told["server"] = tree_of(*changed);
    return text_of(told, indented);
}

}  // namespace hawser::admin
