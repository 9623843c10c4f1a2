// SPDX-License-Identifier: Apache-2.0
// `hawser reload`, and what changes servers of a running node: `drain`, `ready`, `maintenance`,
// `weight`, `add`, `remove`, `lift`.

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
#include "app/command/movement.h"
#include "app/command/remote.h"
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
};

using given_options = std::shared_ptr<server_options>;

/// Names have letters, digits, `-`, `_` and `.`; one slash parts them.
std::string wrong_server(const std::string& text) {
    const auto slash = text.find('/');
    const bool is_pair = slash != text.npos && config::is_name(text.substr(0, slash)) &&
                         config::is_name(text.substr(slash + 1));
    return is_pair ? std::string() : "`" + text + "` is no POOL/SERVER";
}

std::string path_of(const server_options& given, std::string_view below = {}) {
    const auto slash = given.server.find('/');
    return fmt::format("/v1/pools/{}/servers/{}{}", given.server.substr(0, slash),
                       given.server.substr(slash + 1), below);
}

std::string options_of(bool is_trial, bool is_forced) {
    if (is_trial) return "?dry_run=true";
    return is_forced ? "?force=true" : "";
}

/// What a change would lead to.
int tell_trial(std::string_view command, const nlohmann::json& answer) {
    if (!answer.is_object() || !answer.contains("would_move")) return complain_of_stranger(command);
    if (answer.contains("differences"))
        for (const auto& each : answer["differences"])
            if (each.is_string()) fmt::print("{}\n", each.get<std::string>());
    fmt::print("{}\n", text_of(read_movement(answer["would_move"].dump())));
    return exit_fine;
}

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
    const auto answer = nlohmann::json::parse(*told, nullptr, false);
    if (given.is_trial) return tell_trial(command, answer);
    fmt::print("{} {}\n", given.server, change.done);
    if (answer.is_object() && answer.contains("warning") && answer["warning"].is_string())
        fmt::print(stderr, "hawser {}: {}\n", command, answer["warning"].get<std::string>());
    return exit_fine;
}

server_change state_change(const server_options& given, const char* state, std::string_view done) {
    return {.method = "PUT",
            .path = path_of(given, "/state"),
            .body = {{"state", state}},
            .done = std::string(done)};
}

server_change drain(const server_options& given) {
    return state_change(given, "drain",
                        "takes no new sessions; `hawser status` counts those that it has");
}

server_change ready(const server_options& given) {
    return state_change(given, "ready", "takes part again");
}

server_change maintenance(const server_options& given) {
    return state_change(given, "maintenance", "is sent nothing any more");
}

server_change weight(const server_options& given) {
    return {.method = "PUT",
            .path = path_of(given, "/weight"),
            .body = {{"weight", given.weight}},
            .done = fmt::format("has the weight {}", given.weight)};
}

server_change add(const server_options& given) {
    server_change made{.method = "PUT", .path = path_of(given), .done = "takes part"};
    made.body = {{"address", given.address}};
    if (given.weight_of_added) made.body["weight"] = *given.weight_of_added;
    if (given.max_connections) made.body["max-connections"] = *given.max_connections;
    return made;
}

server_change remove(const server_options& given) {
    return {.method = "DELETE", .path = path_of(given), .done = "is gone"};
}

server_change lift(const server_options& given) {
    const auto below = given.field.empty() ? "/overrides" : "/overrides/" + given.field;
    return {.method = "DELETE", .path = path_of(given, below), .done = "is as the file says"};
}

int reload(const server_options& given) {
    const auto path = "/v1/reload" + options_of(given.is_trial, given.is_forced);
    const auto told = ask_node(given.node, "POST", path);
    if (!told) return complain("reload", told.error().context);
    if (given.is_trial) return tell_trial("reload", nlohmann::json::parse(*told, nullptr, false));
    fmt::print("reloaded\n");
    return exit_fine;
}

void add_change_options(CLI::App& command, const given_options& given) {
    command.add_flag("--dry-run", given->is_trial, "Only tell what it would lead to");
    command.add_flag("--force", given->is_forced,
                     "However many sessions would move (`admin.confirm-above`)");
    add_node_options(command, given->node);
}

struct server_command {
    const char* name;
    const char* summary;
    server_change (*change)(const server_options&);
};

constexpr std::array<server_command, 7> server_commands = {{
    {"drain", "Give a server no new sessions; those it has stay", drain},
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
