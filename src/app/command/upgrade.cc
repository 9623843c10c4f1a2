// SPDX-License-Identifier: Apache-2.0
// `hawser upgrade`: a new binary takes over from the one that serves.

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/remote.h"
#include "base/clock.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

using nlohmann::json;

constexpr auto look_interval = std::chrono::milliseconds(20);

struct upgrade_options {
    node_address node;
    std::string binary;
    bool waits = false;
};

/// Who answers at the address, and how far it is.
struct seen_process {
    std::int64_t id = 0;
    std::string phase;
    std::string why;
};

std::optional<seen_process> look(const node_address& node) {
    // Between the two processes nobody answers for a moment.
    const auto told = ask_node(node, "GET", "/v1/upgrade");
    const auto read = told ? json::parse(*told, nullptr, false) : json();
    if (!read.is_object()) return std::nullopt;
    return seen_process{.id = read.value("pid", std::int64_t{0}),
                        .phase = read.value("phase", ""),
                        .why = read.value("why", "")};
}

/// Looks until `is_enough` of what is seen, or `end`.
template <typename Enough>
std::optional<seen_process> look_until(const node_address& node, steady_time end,
                                       Enough is_enough) {
    for (;;) {
        const auto seen = look(node);
        if (seen && is_enough(*seen)) return seen;
        if (read_clocks().steady >= end) return std::nullopt;
        std::this_thread::sleep_for(look_interval);  // excused: a command that waits for a node
    }
}

int upgrade_node(const upgrade_options& given) {
    const auto before = look(given.node);
    json body = json::object();
    if (!given.binary.empty()) body["binary"] = std::filesystem::absolute(given.binary).string();
    const auto told = ask_node(given.node, "POST", "/v1/upgrade", body.dump());
    if (!told) return complain("upgrade", told.error().context);
    if (!before) return complain("upgrade", "the node does not tell which process it is");

    const auto decided = look_until(
        given.node, read_clocks().steady + limits::upgrade_start_time + limits::upgrade_word_time,
        [&](const seen_process& seen) { return seen.id != before->id || seen.phase == "failed"; });
    if (!decided) return complain("upgrade", "no process has taken over in time");
    if (decided->id == before->id) return complain("upgrade", decided->why);
    fmt::print("process {} serves; process {} ends what it has\n", decided->id, before->id);
    if (!given.waits) return exit_fine;

    const auto over = look_until(given.node, no_deadline, [&](const seen_process& seen) {
        return seen.phase != "follows" || seen.id != decided->id;
    });
    if (over->id != decided->id) return complain("upgrade", "another process has taken over since");
    fmt::print("process {} has ended\n", before->id);
    return exit_fine;
}

}  // namespace

void add_upgrade(CLI::App& program, int& status) {
    const auto given = std::make_shared<upgrade_options>();
    CLI::App* command =
        program.add_subcommand("upgrade", "Let a new binary take over, without losing anybody");
    command
        ->add_option("--binary", given->binary,
                     "The new binary; default: the file that the node was started from")
        ->check(CLI::ExistingFile);
    command->add_flag("--wait", given->waits, "Return only when the former process has ended");
    add_node_options(*command, given->node);
    command->callback([given, &status] { status = upgrade_node(*given); });
}

}  // namespace hawser::app
