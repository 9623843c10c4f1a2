// SPDX-License-Identifier: Apache-2.0
// `hawser run`: serves in the foreground until a signal ends it.

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "app/command/command.h"
#include "app/configuration/load.h"
#include "app/foreground.h"
#include "app/machine.h"

namespace hawser::app {

namespace {

struct run_options {
    std::string file;
    quick_options quick;
    std::size_t workers = 0;
    std::string pid_file;
    std::string admin;
    std::string access_log;
};

std::string wrong_admin(const std::string& text) {
    if (text == "off" || io::endpoint::parse_listening(text)) return {};
    return "`" + text + "` is neither `off`, HOST:PORT with a numeric host, nor unix:PATH";
}

loaded read_configuration(const run_options& given) {
    const bool is_quick = !given.quick.listen.empty() || !given.quick.servers.empty();
    loaded read = is_quick
                      ? load_options(given.quick)
                      : load(given.file.empty() ? std::string(default_configuration) : given.file);
    if (!read.settings) return read;
    if (given.admin == "off")
        read.settings->admin.bind.reset();
    else if (!given.admin.empty())
        read.settings->admin.bind = listen_address::of(given.admin);
    if (const auto why = why_open(read.settings->admin); !why.empty()) {
        read.problems.error({std::make_shared<const std::string>("--admin")}, why);
        read.settings.reset();
        return read;
    }
    if (!given.access_log.empty()) read.settings->log.access = given.access_log;
    if (given.workers != 0) read.settings->workers.number = given.workers;
    if (read.settings->workers.number == 0) read.settings->workers.number = usable_processors();
    return read;
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
    command
        ->add_option("--admin", given->admin,
                     "The admin endpoint: HOST:PORT, unix:PATH or `off`; default: as configured, "
                     "else 127.0.0.1:9901")
        ->check(wrong_admin);
    command->add_option("--access-log", given->access_log,
                        "`stdout`, `stderr`, `off` or a file; default: as configured, else stdout");
    command->add_option("-p,--pid-file", given->pid_file, "Write the process id to this file");
    command->callback([given, &status] {
        status =
            serve_in_foreground([given] { return read_configuration(*given); }, given->pid_file);
    });
}

}  // namespace hawser::app
