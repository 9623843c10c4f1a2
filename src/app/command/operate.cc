// SPDX-License-Identifier: Apache-2.0
// `hawser reload`, `drain`, `ready`, `maintenance`: what changes a running node.

#include <CLI/CLI.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "app/command/command.h"
#include "app/command/remote.h"

namespace hawser::app {

namespace {

struct server_command {
    const char* name;  ///< of the command, and of the action in the endpoint's path
    const char* summary;
    std::string_view done;
};

constexpr std::array<server_command, 3> server_commands = {{
    {"drain", "Give a server no new sessions; those it has stay",
     "takes no new sessions; `hawser status` counts those that it has"},
    {"ready", "Let a server take part again", "takes part again"},
    {"maintenance", "Send a server nothing; its sessions move", "is sent nothing any more"},
}};

struct server_options {
    node_address node;
    std::string server;
};

int reload(const node_address& node) {
    const auto told = ask_node(node, "POST", "/v1/reload");
    if (!told) return complain("reload", told.error().context);
    fmt::print("reloaded\n");
    return exit_fine;
}

int change_server(const server_command& command, const server_options& given) {
    const auto told =
        ask_node(given.node, "POST", fmt::format("/v1/servers/{}/{}", given.server, command.name));
    if (!told) return complain(command.name, told.error().context);
    fmt::print("{} {}\n", given.server, command.done);
    return exit_fine;
}

/// Names have letters, digits, `-`, `_` and `.`; one slash parts them.
std::string wrong_server(const std::string& text) {
    static constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const auto slash = text.find('/');
    const bool is_pair = slash != text.npos && slash > 0 && slash + 1 < text.size();
    if (!is_pair || text.find_first_not_of(allowed) != slash ||
        text.find_first_not_of(allowed, slash + 1) != text.npos)
        return "`" + text + "` is no POOL/SERVER";
    return {};
}

}  // namespace

void add_operations(CLI::App& program, int& status) {
    const auto node = std::make_shared<node_address>();
    CLI::App* again = program.add_subcommand("reload", "Read the configuration again");
    add_node_options(*again, *node);
    again->callback([node, &status] { status = reload(*node); });

    for (const auto& each : server_commands) {
        const auto given = std::make_shared<server_options>();
        CLI::App* command = program.add_subcommand(each.name, each.summary);
        if (std::string_view(each.name) == "maintenance") command->alias("maint");
        command->add_option("server", given->server, "POOL/SERVER")
            ->required()
            ->check(wrong_server);
        add_node_options(*command, given->node);
        command->callback([&each, given, &status] { status = change_server(each, *given); });
    }
}

}  // namespace hawser::app
