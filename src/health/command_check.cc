// SPDX-License-Identifier: Apache-2.0
#include "health/command_check.h"

#include <cstdlib>
#include <utility>

#include "io/child.h"

namespace hawser::health {

namespace {

/// What it learns, and where it finds programs; nothing else of ours.
std::vector<std::string> environment_for(const way& to) {
    std::vector<std::string> all{"HAWSER_POOL=" + to.pool, "HAWSER_SERVER=" + to.server,
                                 "HAWSER_ADDRESS=" + to.address.text()};
    if (to.address.port() != 0) {
        all.push_back("HAWSER_HOST=" + to.address.ip().text());
        all.push_back("HAWSER_PORT=" + std::to_string(to.address.port()));
    }
    if (const char* const path = std::getenv("PATH")) all.push_back("PATH=" + std::string(path));
    return all;
}

}  // namespace

void command_check::settings::describe(config::fields<settings>& field) {
    field("program", &settings::program, "Its path, from the root.")
        .required()
        .check([](const std::string& path) {
            return path.starts_with('/') ? "" : "must be a path from the root (`/`)";
        });
    field("arguments", &settings::arguments, "What it is called with.");
    field.shorthand("program");
}

task<outcome> command_check::run(visit at) const {
    auto started = io::child::start(at.with(), {.program = settings_.program,
                                                .arguments = settings_.arguments,
                                                .environment = environment_for(at.to())});
    // That it is missing says nothing about the server.
    if (!started) co_return outcome{.kind = "not-made", .text = std::move(started.error().context)};
    const auto ended = co_await (*started)->ended();
    if (!ended) co_return outcome::of(ended.error());
    if (ended->signal != 0)
        co_return outcome::failed("command", "signal " + std::to_string(ended->signal));
    const auto text = "exit " + std::to_string(ended->status);
    if (ended->status == 0) co_return outcome::passed(text);
    co_return outcome::failed("command", text);
}

}  // namespace hawser::health
