// SPDX-License-Identifier: Apache-2.0
// `hawser check`: says what is wrong with a configuration, all at once.

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/admin_terms.h"
#include "app/certificates.h"
#include "app/command/command.h"
#include "app/command/remote.h"
#include "app/command/routes.h"
#include "app/command/running.h"
#include "app/configuration/load.h"
#include "app/session_terms.h"

namespace hawser::app {

namespace {

struct check_options {
    std::string file{default_configuration};
    bool dump = false;
    bool json = false;
    bool strict = false;
    bool routes = false;
    bool against_running = false;
    node_address node = {};
    routes_question question = {};
};

int tell_routes(const loaded& read, check_options given) {
    given.question.json = given.json;
    const auto told = show_routes(read, given.question);
    if (!told) {
        fmt::print(stderr, "hawser check: {}\n", told.error().context);
        return exit_usage;
    }
    fmt::print("{}", *told);
    return exit_fine;
}

/// The node that the file says, unless another one is named.
node_address asked_of(const check_options& given) {
    node_address node = given.node;
    node.file = given.file;
    return node;
}

int check(const check_options& given) {
    if (given.dump && !given.node.admin.empty()) return dump_running(given.node);
    loaded read = load(given.file);
    if (read.settings) {
        (void)load_certificates(*read.settings, read.written, nullptr, read.problems);
        (void)load_admin_terms(read.settings->admin, read.written, read.problems);
        (void)load_session_terms(*read.settings, read.written, read.problems);
    }
    if (given.strict) read.problems.make_warnings_errors();
    const bool is_valid = read.settings && !read.problems.has_errors();
    const bool asks_for_routes = given.routes || !given.question.request.empty();
    if (given.json && !(is_valid && asks_for_routes))
        fmt::print("{}\n", read.problems.json());
    else
        fmt::print(stderr, "{}", read.problems.text());
    if (!is_valid) return exit_failed;
    if (asks_for_routes) return tell_routes(read, given);
    if (given.against_running) return compare_with_running(read, asked_of(given));
    if (given.dump)
        fmt::print("{}", dump(*read.settings));
    else if (!given.json)
        fmt::print("{}: valid\n", given.file);
    return exit_fine;
}

}  // namespace

void add_check(CLI::App& program, int& status) {
    const auto given = std::make_shared<check_options>();
    CLI::App* command = program.add_subcommand("check", "Check a configuration");
    command->add_option("file,-f,--file", given->file, "A file, or a directory");
    command->add_flag("--dump", given->dump,
                      "Show every effective value, with --admin of that node; secrets are "
                      "hidden");
    command->add_flag("--json", given->json, "Tell problems as JSON");
    command->add_flag("--strict", given->strict, "Warnings are errors");
    command->add_flag("--routes", given->routes, "Show the routes in the order they are asked");
    command->add_option("--request", given->question.request,
                        "Show which route `GET https://shop.example/x` finds, and why");
    command->add_option("--header", given->question.headers, "A header of that request");
    command->add_option("--listener", given->question.listener, "Where that request comes in");
    command->add_flag(
        "--against-running", given->against_running,
        "Show what a running node would change by it, and how many sessions would move");
    add_admin_options(*command, given->node);
    command->callback([given, &status] { status = check(*given); });

    // The habits of nginx and HAProxy.
    program.add_option_function<std::string>(
        "-t,-c", [&status](const std::string& file) { status = check({.file = file}); },
        "Check this configuration, as `check` does");

    CLI::App* schema_command =
        program.add_subcommand("schema", "Print the JSON Schema of the configuration");
    const auto as_page = std::make_shared<bool>(false);
    schema_command->add_flag("--reference", *as_page, "Print docs/reference.md instead");
    schema_command->callback([as_page, &status] {
        fmt::print("{}", *as_page ? reference() : schema());
        status = exit_fine;
    });
    program.add_subcommand("reference", "Print docs/reference.md: every key of the configuration")
        ->callback([&status] {
            fmt::print("{}", reference());
            status = exit_fine;
        });
}

}  // namespace hawser::app
