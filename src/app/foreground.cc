// SPDX-License-Identifier: Apache-2.0
#include "app/foreground.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <utility>

#include "app/admin_door.h"
#include "app/command/command.h"
#include "app/machine.h"
#include "app/node.h"
#include "app/signals.h"
#include "io/epoll/epoll_engine.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

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

}  // namespace

int serve_in_foreground(const service::reader& read, const std::string& pid_file,
                        const std::function<void(const node&)>& started) {
    loaded first = read();
    if (const auto problems = first.problems.text(); !problems.empty())
        fmt::print(stderr, "{}", problems);
    if (!first.settings) return exit_failed;

    signals told;
    const std::size_t descriptors = raise_descriptor_limit();
    auto engine = io::make_epoll_engine();
    if (!engine) return complain(engine.error().context);
    io::worker control(0, std::move(*engine));
    auto admin = admin_door::prepare(first.settings->admin, first.written);
    if (!admin) return complain(admin.error().context);
    auto serving = node::start(*first.settings, first.written);
    if (!serving) return complain(serving.error().context);
    if (!pid_file.empty()) std::ofstream(pid_file) << ::getpid() << '\n';

    int status = exit_fine;
    {
        service service(**serving, told, control, read, std::move(*admin));
        tell_of_start(**serving, descriptors);
        if (const auto& where = service.admin().address(); !where.empty())
            observe::log(observe::level::notice, "the admin endpoint answers on " + where);
        if (started) started(**serving);
        status = service.run();
    }
    serving->reset();
    observe::flush_log();
    return status;
}

}  // namespace hawser::app
