// SPDX-License-Identifier: Apache-2.0
// `hawser run`: serves in the foreground until a signal ends it.

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "app/command/command.h"
#include "app/configuration/load.h"
#include "app/machine.h"
#include "app/node.h"
#include "app/service.h"
#include "app/signals.h"
#include "io/epoll/epoll_engine.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

struct run_options {
    std::string file;
    quick_options quick;
    std::size_t workers = 0;
    std::string pid_file;
    std::string access_log;
};

loaded read_configuration(const run_options& given) {
    const bool is_quick = !given.quick.listen.empty() || !given.quick.servers.empty();
    loaded read = is_quick
                      ? load_options(given.quick)
                      : load(given.file.empty() ? std::string(default_configuration) : given.file);
    if (!read.settings) return read;
    if (given.workers != 0) read.settings->workers.number = given.workers;
    if (read.settings->workers.number == 0) read.settings->workers.number = usable_processors();
    return read;
}

int complain(const std::string& why) {
    fmt::print(stderr, "hawser: {}\n", why);
    return exit_failed;
}

void tell_of_start(const node& started, std::size_t descriptors) {
    for (const auto& [place, where] : started.listening().open())
        observe::log(observe::level::notice,
                     fmt::format("listener {} accepts on {}", place.first, where.text()));
    observe::log(observe::level::notice,
                 fmt::format("{} workers, at most {} open descriptors",
                             started.settings().workers.number, descriptors));
}

int run(const run_options& given) {
    loaded read = read_configuration(given);
    if (const auto problems = read.problems.text(); !problems.empty())
        fmt::print(stderr, "{}", problems);
    if (!read.settings) return exit_failed;

    signals told;
    const std::size_t descriptors = raise_descriptor_limit();
    auto engine = io::make_epoll_engine();
    if (!engine) return complain(engine.error().context);
    io::worker control(0, std::move(*engine));
    auto started = node::start(*read.settings);
    if (!started) return complain(started.error().context);
    if (!given.pid_file.empty()) std::ofstream(given.pid_file) << ::getpid() << '\n';

    service serving(**started, told, control, [&given] { return read_configuration(given); });
    tell_of_start(**started, descriptors);
    const int status = serving.run();
    started->reset();
    observe::flush_log();
    return status;
}

}  // namespace

void add_run(CLI::App& program, int& status) {
    const auto given = std::make_shared<run_options>();
    CLI::App* command = program.add_subcommand("run", "Serve, in the foreground");
    command->add_option("-f,--file", given->file, "Configuration: a file, or a directory");
    command->add_option("--listen", given->quick.listen, "Without a file: an address to accept on");
    command->add_option("--server", given->quick.servers,
                        "Without a file: NAME=ADDRESS of a server, or its address");
    command->add_option("--workers", given->workers, "Worker threads; default: one a processor")
        ->check(CLI::Range(std::size_t{1}, limits::workers_max));
    command->add_option("-p,--pid-file", given->pid_file, "Write the process id to this file");
    command->callback([given, &status] { status = run(*given); });
}

}  // namespace hawser::app
