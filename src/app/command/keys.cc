// SPDX-License-Identifier: Apache-2.0
// `hawser keys`: the ring of sealing keys, without showing a secret.

#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/command/command.h"
#include "app/command/remote.h"
#include "app/configuration/load.h"
#include "app/configuration/state_directory.h"
#include "base/clock.h"
#include "config/units.h"
#include "crypto/key_file.h"
#include "crypto/key_text.h"

namespace hawser::app {

namespace {

struct keys_options {
    std::string ring;  ///< its file; empty: what the configuration says, else the usual place
    std::string file;
    std::string after = "10m";
};

result<crypto::key_file> find_ring(const keys_options& given) {
    if (!given.ring.empty()) return crypto::key_file(given.ring);
    if (given.file.empty())
        return crypto::key_file(keys_in(default_state_directory(config::from_environment)));
    const auto read = load(given.file);
    if (!read.settings) return fail(errc::invalid, "\n" + read.problems.text());
    return crypto::key_file(read.settings->keys);
}

int list_keys(const keys_options& given) {
    const auto ring = find_ring(given);
    if (!ring) return complain("keys", ring.error().context);
    const auto read = ring->load();
    if (!read) return complain("keys", read.error().context);
    const auto seals = read->sealing_at(read_clocks().wall).id;
    for (const auto& key : read->keys())
        fmt::print("{}  seals from {}{}\n", crypto::text_of(key.id),
                   crypto::text_of(key.seals_from), key.id == seals ? "  now" : "");
    return exit_fine;
}

int add_key(const keys_options& given) {
    const auto after = config::parse_duration(given.after);
    if (!after) return complain("keys", "--after " + given.after + ": " + after.error());
    const auto ring = find_ring(given);
    if (!ring) return complain("keys", ring.error().context);
    const auto from =
        read_clocks().wall + std::chrono::duration_cast<std::chrono::milliseconds>(*after);
    const auto added = ring->add(from);
    if (!added) return complain("keys", added.error().context);
    fmt::print("{} seals from {}: give {} to every node and reload each before then\n",
               crypto::text_of(*added), crypto::text_of(from), ring->path().string());
    return exit_fine;
}

void add_ring_options(CLI::App& command, keys_options& into) {
    command.add_option("--ring", into.ring, "The ring's file");
    command.add_option("-f,--file", into.file, "The configuration that names it (`keys`)");
}

}  // namespace

void add_keys(CLI::App& program, int& status) {
    const auto given = std::make_shared<keys_options>();
    CLI::App* keys = program.add_subcommand("keys", "The ring of sealing keys");
    keys->require_subcommand(1);
    CLI::App* list = keys->add_subcommand("list", "Show the keys' names and times; no secrets");
    add_ring_options(*list, *given);
    list->callback([given, &status] { status = list_keys(*given); });
    CLI::App* add = keys->add_subcommand("add", "Add a key");
    add->add_option("--after", given->after, "From when on it seals, counted from now")
        ->capture_default_str();
    add_ring_options(*add, *given);
    add->callback([given, &status] { status = add_key(*given); });
}

}  // namespace hawser::app
