// SPDX-License-Identifier: Apache-2.0
// `hawser reload`, and what changes servers of a running node: `ready`, `maintenance`, `weight`,
// `add`, `remove`, `lift`; `drain` has a file of its own.

#include <CLI/CLI.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/remote.h"
#include "app/command/server_path.h"
#include "app/command/trial.h"
#include "app/overrides.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

struct server_options {
    node_address node;
    std::string server;
    std::string address;
    std::string field;
    bool is_trial = false;
    bool is_forced = false;
    std::uint32_t weight = 0;
    std::optional<std::uint32_t> weight_of_added;
    std::optional<std::uint32_t> max_connections;
    std::optional<std::uint32_t> max_sessions;
    std::string release;
};

using given_options = std::shared_ptr<server_options>;

/// One change of a server, as the node is asked for it, and what is said once it is done.
struct server_change {
    std::string method;
    std::string path;
    nlohmann::json body = nlohmann::json::object();
    std::string done;
};

/// Asks for it, and tells what it led to; what the node warns of too.
int change_server(std::string_view command, const server_options& given,
                  const server_change& change) {
    const auto path = change.path + options_of(given.is_trial, given.is_forced);
    const auto told = ask_node(given.node, change.method, path, change.body.dump());
    if (!told) return complain(command, told.error().context);
    if (given.is_trial) return tell_trial(command, *told);
    fmt::print("{} {}\n", given.server, change.done);
    tell_warning(command, *told);
    return exit_fine;
}

server_change state_change(const server_options& given, const char* state, std::string_view done) {
    return {.method = "PUT",
            .path = path_of(given.server, "/state"),
            .body = {{"state", state}},
            .done = std::string(done)};
}

server_change ready(const server_options& given) {
    return state_change(given, "ready", "takes part again");
}

server_change maintenance(const server_options& given) {
    return state_change(given, "maintenance", "is sent nothing any more");
}

server_change weight(const server_options& given) {
    return {.method = "PUT",
            .path = path_of(given.server, "/weight"),
            .body = {{"weight", given.weight}},
            .done = fmt::format("has the weight {}", given.weight)};
}

server_change add(const server_options& given) {
    server_change made{.method = "PUT", .path = path_of(given.server), .done = "takes part"};
    made.body = {{"address", given.address}};
    if (given.weight_of_added) made.body["weight"] = *given.weight_of_added;
    if (given.max_connections) made.body["max-connections"] = *given.max_connections;
    if (given.max_sessions) made.body["max-sessions"] = *given.max_sessions;
    if (!given.release.empty()) made.body["release"] = given.release;
    return made;
}

server_change remove(const server_options& given) {
    return {.method = "DELETE", .path = path_of(given.server), .done = "is gone"};
}

server_change lift(const server_options& given) {
    const auto below = given.field.empty() ? "/overrides" : "/overrides/" + given.field;
    return {
        .method = "DELETE", .path = path_of(given.server, below), .done = "is as the file says"};
}

int reload(const server_options& given) {
    const auto path = "/v1/reload" + options_of(given.is_trial, given.is_forced);
    const auto told = ask_node(given.node, "POST", path);
    if (!told) return complain("reload", told.error().context);
    if (given.is_trial) return tell_trial("reload", *told);
    fmt::print("reloaded\n");
    return exit_fine;
}

void add_change_options(CLI::App& command, const given_options& given) {
    add_trial_options(command, given->is_trial, given->is_forced);
    add_node_options(command, given->node);
}

struct server_command {
    const char* name;
    const char* summary;
    server_change (*change)(const server_options&);
};

constexpr std::array<server_command, 6> server_commands = {{
    {"ready", "Let a server take part again", ready},
    {"maintenance", "Send a server nothing; its sessions move", maintenance},
    {"weight", "Set a server's share beside the others'", weight},
    {"add", "Add a server to a pool", add},
    {"remove", "Remove a server from its pool; its sessions move", remove},
    {"lift", "Let the file count again where something was set at run time", lift},
}};

/// What a command takes beside the server.
void add_more(CLI::App& command, const given_options& given) {
    const auto& name = command.get_name();
    if (name == "maintenance") command.alias("maint");
    if (name == "weight")
        command.add_option("weight", given->weight, "0: no new sessions")
            ->required()
            ->check(CLI::Range(std::uint32_t{0}, limits::server_weight_max));
    if (name == "add") {
        command.add_option("address", given->address, "HOST:PORT or unix:PATH")->required();
        command.add_option("--weight", given->weight_of_added, "Default: 1");
        command.add_option("--max-connections", given->max_connections,
                           "Requests and tunnels at once; default: any number");
        command.add_option("--max-sessions", given->max_sessions,
                           "Sessions that it may be home of; default: any number");
        command.add_option("--release", given->release, "Which of the pool's releases it runs");
    }
    if (name == "lift") {
        std::vector<std::string> fields;
        for (const auto& each : choices(override_field())) fields.emplace_back(each.name);
        command.add_option("what", given->field, "`state`, `weight`, `added`, `removed`; else all")
            ->check(CLI::IsMember(fields));
    }
}

}  // namespace

void add_operations(CLI::App& program, int& status) {
    const auto all = std::make_shared<server_options>();
    CLI::App* again = program.add_subcommand("reload", "Read the configuration again");
    add_change_options(*again, all);
    again->callback([all, &status] { status = reload(*all); });

    for (const auto& each : server_commands) {
        const auto given = std::make_shared<server_options>();
        CLI::App* command = program.add_subcommand(each.name, each.summary);
        command->add_option("server", given->server, "POOL/SERVER")
            ->required()
            ->check(wrong_server);
        add_more(*command, given);
        add_change_options(*command, given);
        command->callback([&each, given, &status] {
            status = change_server(each.name, *given, each.change(*given));
        });
    }
}

}  // namespace hawser::app
