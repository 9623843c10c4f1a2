// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "app/command/command.h"

int main(int argc, char** argv) {
    CLI::App program("Hawser balances HTTP and WebSocket traffic by sessions.", "hawser");
    program.require_subcommand(1);
    program.set_version_flag("-v,--version", "hawser 0.1.0");
    int status = hawser::app::exit_failed;
    hawser::app::add_run(program, status);
    hawser::app::add_check(program, status);
    hawser::app::add_demo(program, status);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return program.exit(wrong) == 0 ? hawser::app::exit_fine : hawser::app::exit_usage;
    }
    return status;
}
