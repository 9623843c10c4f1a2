// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <fmt/format.h>
#ifdef HAWSER_MIMALLOC
#include <mimalloc.h>
#endif

#include <cstdio>
#include <string>

#include "app/command/command.h"
#include "app/version.h"

namespace {

/// What a handshake or an exchange gives back is wanted again at once. Handed to the kernel after
/// 25 ms, mimalloc's own default, it costs each handshake four page faults.
void keep_what_is_freed() {
#ifdef HAWSER_MIMALLOC
    constexpr long milliseconds = 1000;
    mi_option_set_default(mi_option_decommit_delay, milliseconds);
#endif
}

}  // namespace

int main(int argc, char** argv) {
    keep_what_is_freed();
    CLI::App program("Hawser balances HTTP and WebSocket traffic by sessions.", "hawser");
    program.require_subcommand(0, 1);
    program.set_version_flag("-v,-V,--version", "hawser " + std::string(hawser::app::version));
    int status = hawser::app::exit_failed;
    hawser::app::add_run(program, status);
    hawser::app::add_check(program, status);
    hawser::app::add_operations(program, status);
    hawser::app::add_drain(program, status);
    hawser::app::add_log(program, status);
    hawser::app::add_upgrade(program, status);
    hawser::app::add_status(program, status);
    hawser::app::add_sessions(program, status);
    hawser::app::add_explain(program, status);
    hawser::app::add_keys(program, status);
    hawser::app::add_demo(program, status);
    hawser::app::add_documents(program, status);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return program.exit(wrong) == 0 ? hawser::app::exit_fine : hawser::app::exit_usage;
    }
    if (program.get_subcommands().empty() && program.count("-t") == 0) {
        fmt::print(stderr, "hawser: a command is missing: `hawser --help` lists them\n");
        return hawser::app::exit_usage;
    }
    return status;
}
