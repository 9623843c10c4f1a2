// SPDX-License-Identifier: Apache-2.0
// `hawser log`: what a running node's error log tells besides what the file says, for a time.

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/remote.h"
#include "config/units.h"

namespace hawser::app {

namespace {

using nlohmann::json;

struct log_options {
    node_address node;
    std::string level;
    std::string session;
    std::string pool;
    std::string client;
    std::string lasts = "10m";
    bool lifts = false;
};

std::string wrong_duration(const std::string& text) {
    const auto read = config::parse_duration(text);
    return read ? std::string() : read.error();
}

int change(const log_options& given, const char* method, const json& body, const char* done) {
    const auto told = ask_node(given.node, method, "/v1/log", body.dump());
    if (!told) return complain("log", told.error().context);
    fmt::print("{}\n", done);
    return exit_fine;
}

int show(const log_options& given) {
    const auto told = ask_node(given.node, "GET", "/v1/log");
    if (!told) return complain("log", told.error().context);
    const auto log = json::parse(*told, nullptr, false);
    if (!log.is_object() || !log.contains("watches")) return complain_of_stranger("log");
    const auto text = [](const json& of, const char* key) { return of.value(key, std::string()); };
    fmt::print("level {}{}\n", text(log, "level"),
               text(log, "until").empty() ? "" : " until " + text(log, "until"));
    for (const auto& each : log["watches"]) {
        std::string what;
        for (const char* key : {"session", "pool", "client"})
            if (!text(each, key).empty()) what += fmt::format(" {} {}", key, text(each, key));
        fmt::print("watched{} until {}\n", what, text(each, "until"));
    }
    return exit_fine;
}

int run(const log_options& given) {
    if (given.lifts) return change(given, "DELETE", {}, "the log is as the file says");
    json body = json::object();
    const std::array<std::pair<const char*, const std::string*>, 4> named = {
        {{"level", &given.level},
         {"session", &given.session},
         {"pool", &given.pool},
         {"client", &given.client}}};
    for (const auto& [key, value] : named)
        if (!value->empty()) body[key] = *value;
    if (body.empty()) return show(given);
    body["for"] = given.lasts;
    return change(given, "PUT", body, ("the log tells more for " + given.lasts).c_str());
}

}  // namespace

void add_log(CLI::App& program, int& status) {
    const auto given = std::make_shared<log_options>();
    CLI::App* command =
        program.add_subcommand("log", "Let a node's error log tell more for a time");
    command->add_option("--level", given->level, "Of everything: `error` to `debug`");
    command->add_option("--session", given->session,
                        "Of the requests of a session, by its hash in the access log");
    command->add_option("--pool", given->pool, "Of the requests of a pool");
    command->add_option("--client", given->client, "Of the requests of an address or a network");
    command->add_option("--for", given->lasts, "How long")
        ->capture_default_str()
        ->check(wrong_duration);
    command->add_flag("--lift", given->lifts, "As the file says, again");
    add_node_options(*command, given->node);
    command->callback([given, &status] { status = run(*given); });
}

}  // namespace hawser::app
