// SPDX-License-Identifier: Apache-2.0
// `hawser status`: the node, its listeners, and what each server holds.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/drain_end.h"
#include "app/command/remote.h"
#include "app/command/span.h"
#include "app/command/table.h"

namespace hawser::app {

namespace {

using nlohmann::json;

struct status_options {
    node_address node;
    bool json = false;
};

constexpr std::size_t first_number = 4;  ///< columns before it are texts
using row = std::vector<std::string>;

std::string number_of(const json& one, const char* key) {
    return std::to_string(one.at(key).get<std::uint64_t>());
}

/// A value, marked if a person set it at run time.
std::string marked(std::string value, const json& one, std::string_view field) {
    for (const auto& each : one.at("overridden"))
        if (each.get<std::string_view>() == field) return value + '*';
    return value;
}

/// The last check, as `L7 200`; `-`: there was none.
std::string check_of(const json& one) {
    const json& last = one.at("check");
    return last.is_null() ? "-" : last.at("result").get<std::string>();
}

/// People's, what the server asks for of it, and how far it has warmed up: `4`, `4 x 75%`,
/// `4 warming 10%`.
std::string weight_of(const json& one) {
    const auto reported = one.at("reported_percent").get<unsigned>();
    const auto warmth = one.at("warmth_percent").get<unsigned>();
    return number_of(one, "weight") + (reported == 100 ? "" : fmt::format(" x {}%", reported)) +
           (warmth == 100 ? "" : fmt::format(" warming {}%", warmth));
}

/// A number, and how many there may be: `3`, `3/8`.
std::string within(std::string number, const json& one, const char* limit) {
    const auto most = one.at(limit).get<std::uint64_t>();
    return most == 0 ? number : number + fmt::format("/{}", most);
}

row row_of(const std::string& pool, const json& one) {
    const json& sessions = one.at("sessions");
    return {marked(pool + "/" + one.at("name").get<std::string>(), one, "added"),
            one.at("address").get<std::string>(),
            marked(one.at("state").get<std::string>(), one, "state"),
            check_of(one),
            marked(weight_of(one), one, "weight"),
            within(number_of(sessions, "established"), one, "max_sessions"),
            number_of(sessions, "tentative"),
            within(number_of(one, "in_flight"), one, "max_connections"),
            number_of(one, "waiting"),
            number_of(one, "connections"),
            number_of(one, "requests"),
            number_of(one, "errors")};
}

/// What was set at run time (`*` in the table), by whom, and what the file says of it.
std::string overrides_of(const json& node) {
    const json& all = node.at("overrides");
    if (all.empty()) return {};
    std::vector<row> rows = {{"* SET AT RUN TIME", "WHAT", "VALUE", "IN THE FILE", "BY", "AT"}};
    for (const auto& one : all) {
        const auto text = [&](const char* key) { return one.at(key).get<std::string>(); };
        rows.push_back({text("pool") + "/" + text("server"), text("field"), text("value"),
                        text("file"), text("who"), text("when")});
    }
    return '\n' + table_of(rows);
}

/// `sessions left 12; in about 5 min, at the latest in 30 min`
std::string progress_of(const json& one) {
    const auto number = [&](const char* key) {
        const json& value = one.at(key);
        return value.is_null() ? std::nullopt : std::optional(value.get<std::uint64_t>());
    };
    const auto left = number("left");
    return (left ? fmt::format("sessions left {}", *left) : "counting") + "; " +
           end_in(number("expected_in_seconds"), *number("deadline_in_seconds"));
}

/// How far servers that drain are, and pools whose sessions are spread anew, a line each.
std::string changes_of(const json& node) {
    std::string text;
    for (const auto& pool : node.at("pools")) {
        const auto name = pool.at("name").get<std::string>();
        for (const auto& server : pool.at("servers"))
            if (server.contains("drain"))
                text +=
                    fmt::format("\n{}/{} drains, {}", name, server.at("name").get<std::string>(),
                                progress_of(server.at("drain")));
        if (pool.contains("rebalancing"))
            text += fmt::format("\n{} is rebalanced: its busiest server has {:.2f} times its share",
                                name, pool.at("rebalancing").at("skew").get<double>());
    }
    return text.empty() ? text : text + '\n';
}

/// How pools find their servers, a line each.
std::string finders_of(const json& node) {
    std::string text;
    for (const auto& pool : node.at("pools")) {
        if (!pool.contains("discovery")) continue;
        const json& how = pool.at("discovery");
        text += fmt::format("\n{} is found by {} {}", pool.at("name").get<std::string>(),
                            how.at("kind").get<std::string>(), how.at("where").get<std::string>());
        if (how.contains("age_seconds"))
            text += fmt::format(", {} ago", span_of(how.at("age_seconds").get<std::uint64_t>()));
        if (const auto trouble = how.at("trouble").get<std::string>(); !trouble.empty())
            text += fmt::format(" ({})", trouble);
    }
    return text.empty() ? text : text + '\n';
}

/// What applications keep in their sessions, if they do it here.
std::string data_of(const json& node) {
    if (!node.contains("session_data")) return {};
    const json& held = node.at("session_data");
    const auto store = held.at("store").get<std::string>();
    return fmt::format("session data: {} records, {} bytes; {} clients; {}\n",
                       number_of(held, "records"), number_of(held, "bytes"),
                       number_of(held, "clients"),
                       store == "memory" ? "kept in memory only" : "the store is " + store);
}

/// Pools where somebody waits for a place at any server or at a home, a line each.
std::string queues_of(const json& node) {
    std::string text;
    for (const auto& pool : node.at("pools")) {
        const json& queue = pool.at("queue");
        if (queue.at("waiting").get<std::uint64_t>() == 0) continue;
        text += fmt::format("\n{} of {} that may wait in {} do", number_of(queue, "waiting"),
                            number_of(queue, "length"), pool.at("name").get<std::string>());
    }
    return text.empty() ? text : text + '\n';
}

std::string page_of(const json& node) {
    std::string text = fmt::format(
        "hawser {}, {} for {}, {} workers, configuration {}{}\n",
        node.at("version").get<std::string>(), node.at("state").get<std::string>(),
        span_of(node.at("uptime_seconds").get<std::uint64_t>()),
        node.at("workers").get<std::uint64_t>(), node.at("generation").get<std::uint64_t>(),
        node.at("last_reload_succeeded").get<bool>() ? "" : " (the last reload failed)");
    for (const auto& one : node.at("listeners"))
        text += fmt::format("listener {} on {}\n", one.at("name").get<std::string>(),
                            one.at("address").get<std::string>());
    std::vector<row> rows = {{"SERVER", "ADDRESS", "STATE", "CHECK", "WEIGHT", "SESSIONS",
                              "TENTATIVE", "IN FLIGHT", "WAITING", "CONNECTIONS", "REQUESTS",
                              "ERRORS"}};
    for (const auto& pool : node.at("pools"))
        for (const auto& server : pool.at("servers"))
            rows.push_back(row_of(pool.at("name").get<std::string>(), server));
    return text + data_of(node) + '\n' + table_of(rows, first_number) + changes_of(node) +
           overrides_of(node) + queues_of(node) + finders_of(node);
}

int show_status(const status_options& given) {
    const auto told = ask_node(given.node, "GET", "/v1/status");
    if (!told) return complain("status", told.error().context);
    if (given.json) {
        fmt::print("{}", *told);
        return exit_fine;
    }
    try {  // the library throws where a document isn't what it should be
        fmt::print("{}", page_of(json::parse(*told)));
    } catch (const json::exception&) {
        return complain_of_stranger("status");
    }
    return exit_fine;
}

}  // namespace

void add_status(CLI::App& program, int& status) {
    const auto given = std::make_shared<status_options>();
    CLI::App* command = program.add_subcommand("status", "Show a running node and its sessions");
    command->add_flag("--json", given->json, "As JSON");
    add_node_options(*command, given->node);
    command->callback([given, &status] { status = show_status(*given); });
}

}  // namespace hawser::app
