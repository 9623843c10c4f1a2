// SPDX-License-Identifier: Apache-2.0
#include "app/command/trial.h"

#include <string>

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/movement.h"
#include "app/command/remote.h"

namespace hawser::app {

void add_trial_options(CLI::App& command, bool& is_trial, bool& is_forced) {
    command.add_flag("--dry-run", is_trial, "Only tell what it would lead to");
    command.add_flag("--force", is_forced,
                     "However many sessions are concerned (`admin.confirm-above`)");
}

std::string options_of(bool is_trial, bool is_forced) {
    if (is_trial) return "?dry_run=true";
    return is_forced ? "?force=true" : "";
}

int tell_trial(std::string_view command, const std::string& answer) {
    const auto told = nlohmann::json::parse(answer, nullptr, false);
    const std::string would = "would_";
    std::string becomes;
    if (told.is_object())
        for (const auto& [key, value] : told.items())
            if (key.starts_with(would)) becomes = key.substr(would.size());
    if (becomes.empty()) return complain_of_stranger(command);
    if (told.contains("differences"))
        for (const auto& each : told["differences"])
            if (each.is_string()) fmt::print("{}\n", each.get<std::string>());
    fmt::print("{}\n", text_of(read_movement(told[would + becomes].dump()), becomes));
    return exit_fine;
}

}  // namespace hawser::app
