// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;  // NOLINT(readability-identifier-naming): CLI11 calls it so
}

namespace hawser::app {

/// Exit statuses of every command.
inline constexpr int exit_fine = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// And of `hawser drain --wait`, where the server was not emptied.
inline constexpr int exit_deadline = 3;       ///< whoever was left moves
inline constexpr int exit_lifted = 4;         ///< somebody lifted the drain, or began it anew
inline constexpr int exit_interrupted = 130;  ///< by SIGINT; the drain goes on

/// Each adds one command to the program; it sets `status` when it has run.
void add_run(CLI::App& program, int& status);
void add_check(CLI::App& program, int& status);
void add_operations(CLI::App& program, int& status);
void add_drain(CLI::App& program, int& status);
void add_log(CLI::App& program, int& status);
void add_upgrade(CLI::App& program, int& status);
void add_status(CLI::App& program, int& status);
void add_sessions(CLI::App& program, int& status);
void add_explain(CLI::App& program, int& status);
void add_keys(CLI::App& program, int& status);
void add_demo(CLI::App& program, int& status);
void add_documents(CLI::App& program, int& status);

}  // namespace hawser::app
