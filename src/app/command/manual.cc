// SPDX-License-Identifier: Apache-2.0
// `hawser manual`: the manual page, written from the commands' own descriptions.

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "app/command/command.h"
#include "app/command/documents.h"
#include "app/version.h"

namespace hawser::app {

namespace {

constexpr std::string_view beginning = R"(.SH NAME
hawser \- a load balancer that manages sessions
.SH SYNOPSIS
.B hawser
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
Hawser stands in front of application servers, balances HTTP and WebSocket traffic over them, and
keeps every session on the server that knows it.
It knows its sessions: how many a server holds, which would move if it were drained, and why one
was moved.
.PP
.B hawser run
serves in the foreground, by a file in YAML (docs/configuration.md) or by
.B \-\-listen
and
.BR \-\-server .
The other commands check a file, write what the program knows of itself, or ask a running node over
its admin endpoint.
)";

constexpr std::string_view end = R"(.SH SIGNALS
.TP
.BR TERM ", " INT
Stop gracefully: listening ends, what is under way may end within
.IR stop\-timeout .
A second one stops at once.
.TP
.B QUIT
Stop gracefully, without a limit.
.TP
.BR HUP ", " USR2
Read the configuration again; if it is wrong, nothing changes.
.TP
.B USR1
Open the logs anew, after they were renamed.
.SH EXIT STATUS
.TP
.B 0
All went well.
.TP
.B 1
It did not: the configuration is invalid, a port is taken, a node does not answer.
.TP
.B 2
The command line is wrong.
.SH FILES
.TP
.I /etc/hawser
The configuration: all files of the folder, read in the order of their names.
.TP
.IR $STATE_DIRECTORY/keys ", else " $XDG_STATE_HOME/hawser/keys
The keys that seal cookies; made at the first start, readable by their owner alone.
.SH SEE ALSO
docs/configuration.md, docs/operating.md, docs/reference.md
)";

/// Text as roff shows it: no escapes, no requests, hyphens that can be copied.
std::string plain(std::string_view text) {
    std::string shown;
    for (const char each : text) {
        if (each == '\\')
            shown += "\\e";
        else if (each == '-')
            shown += "\\-";
        else
            shown += each;
    }
    return shown.starts_with('.') || shown.starts_with('\'') ? "\\&" + shown : shown;
}

std::string names_of(const CLI::App& command) {
    std::string names = command.get_name();
    for (const auto& other : command.get_aliases()) names += ", " + other;
    return names;
}

void append_option(const CLI::Option& option, std::string& out) {
    if (!option.nonpositional()) {
        out += fmt::format(".TP\n.I {}\n", plain(option.get_name(true)));
    } else {
        const std::string names = option.get_name(false, true);
        const bool takes_value = option.get_items_expected_max() > 0;
        out += fmt::format(".TP\n.B {}{}\n", plain(names), takes_value ? " \\fIVALUE\\fR" : "");
    }
    out += plain(option.get_description()) + "\n";
}

/// One command, then those within it.
void append_command(const CLI::App& command, const std::string& before, std::string& out) {
    out += fmt::format(".SS hawser {}{}\n{}.\n", before, plain(names_of(command)),
                       plain(command.get_description()));
    for (const CLI::Option* each : command.get_options()) {
        if (each->get_name() != "--help") append_option(*each, out);
    }
    for (const CLI::App* each : command.get_subcommands({}))
        append_command(*each, before + command.get_name() + " ", out);
}

}  // namespace

std::string manual_of(const CLI::App& program) {
    std::string page = fmt::format(".TH HAWSER 1 \"\" \"hawser {}\"\n{}", version, beginning);
    page += ".SH COMMANDS\nEach takes\n.B \\-\\-help\nand tells what it takes.\n";
    for (const CLI::App* each : program.get_subcommands({})) append_command(*each, "", page);
    page += ".SH OPTIONS\n";
    for (const CLI::Option* each : program.get_options()) append_option(*each, page);
    return page.append(end);
}

void add_documents(CLI::App& program, int& status) {
    program.add_subcommand("manual", "Print the manual page, hawser(1)")
        ->callback([&program, &status] {
            fmt::print("{}", manual_of(program));
            status = exit_fine;
        });
    program.add_subcommand("completion", "Print a script by which bash completes commands")
        ->callback([&program, &status] {
            fmt::print("{}", completion_of(program));
            status = exit_fine;
        });
}

}  // namespace hawser::app
