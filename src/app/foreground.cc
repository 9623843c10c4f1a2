// SPDX-License-Identifier: Apache-2.0
#include "app/foreground.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <utility>

#include "app/admin_door.h"
#include "app/command/command.h"
#include "app/discoveries.h"
#include "app/laid_over.h"
#include "app/machine.h"
#include "app/node.h"
#include "app/override_file.h"
#include "app/overrides.h"
#include "app/signals.h"
#include "app/spawn.h"
#include "app/takeover.h"
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
                             started.settings().file().workers.number, descriptors));
}

/// What people had set before the process ended, as far as the file has not overtaken it.
overrides recall(const loaded& read) {
    const override_file from(read.settings->state, read.origin);
    auto set = from.load();
    const auto overtaken = set.yield_to(*read.settings);
    if (overtaken.empty()) return set;
    tell_of_overtaken(overtaken);
    // Otherwise they would count again if the file were changed back.
    if (const auto saved = from.save(set); !saved)
        observe::log(observe::level::warn, saved.error().context);
    return set;
}

/// The file, with the servers that were found and with what people have set.
effective over(const effective& file, const discoveries& finders, const overrides& set,
               const present_servers& before) {
    auto made = file;
    for (const auto& [name, of_file] : file.file().pools)
        made.lay_over(name, laid_over(name, of_file, {finders, set, before}));
    return made;
}

/// Servers that are to be found are there before the first request is. What was set at run time
/// must not keep a node from starting that starts without it.
result<std::unique_ptr<node>> start_node(loaded& read, discoveries& finders, overrides& set,
                                         node::beginnings& from) {
    const effective nothing = configuration();
    const upstream::snapshot nobody;
    const present_servers before{.settings = nothing, .fleet = nobody};
    const effective file(std::move(*read.settings));
    finders.change_to(file.file(), before);
    finders.wait_for_first_looks();
    auto made = node::start(over(file, finders, set, before), read.written, from);
    if (made || set.all().empty()) return made;
    auto without = node::start(over(file, finders, {}, before), read.written, from);
    if (!without) return made;
    override_file(file.file().state, read.origin).set_aside(made.error().context);
    set = {};
    return without;
}

void tell_of_overrides(const overrides& set) {
    if (set.all().empty()) return;
    observe::log(observe::level::notice,
                 fmt::format("{} values that were set at run time hold (`hawser status`)",
                             set.all().size()));
}

/// A process that takes over tells the one that started it why it does not.
int give_up(std::optional<takeover>& from, const std::string& why) {
    if (from) from->fail(why);
    return complain(why);
}

/// The sockets, and the knowledge, of whoever was there before.
result<node::beginnings> beginnings_of(std::optional<takeover>& from) {
    node::beginnings made;
    if (!from) {
        made.passed = passed_sockets::from_service_manager();
        return made;
    }
    if (auto taken = from->take_sockets(made.passed); !taken)
        return std::unexpected(std::move(taken.error()));
    made.learn = [&from](registry::registry& sessions, const upstream::snapshot& servers) {
        return from->learn(sessions, servers);
    };
    return made;
}

}  // namespace

int serve_in_foreground(const service::reader& read, const std::string& pid_file,
                        const std::function<void(const node&)>& started) {
    remember_binary();
    auto former = takeover::begin();
    loaded first = read();
    const auto problems = first.problems.text();
    if (!problems.empty()) fmt::print(stderr, "{}", problems);
    if (!first.settings) {
        if (former) former->fail(problems);
        return exit_failed;
    }

    signals told;
    auto from = beginnings_of(former);
    if (!from) return give_up(former, from.error().context);
    const std::size_t descriptors = raise_descriptor_limit();
    auto engine = io::make_epoll_engine();
    if (!engine) return give_up(former, engine.error().context);
    io::worker control(0, std::move(*engine));
    auto admin = admin_door::prepare(first.settings->admin, first.written, from->passed);
    if (!admin) return give_up(former, admin.error().context);
    auto remembered = recall(first);
    discoveries finders(control);
    auto serving = start_node(first, finders, remembered, *from);
    if (!serving) {
        finders.end();
        return give_up(former, serving.error().context);
    }
    from->passed.drop_rest();
    if (former) {
        auto& node = **serving;
        node.share_servers(server_news::side::new_one);
        if (const auto goes =
                former->wait_for_go(node.sessions(), node.metrics(), node.shared_servers());
            !goes) {
            finders.end();
            return give_up(former, goes.error().context);
        }
    }

    int status = exit_fine;
    {
        service service(**serving, told, control, finders, read,
                        {.written = std::move(first.written),
                         .origin = first.origin,
                         .set = std::move(remembered),
                         .admin = std::move(*admin)});
        (*serving)->accept();
        if (former) service.take_over(*former);
        if (!pid_file.empty()) std::ofstream(pid_file) << ::getpid() << '\n';
        tell_of_start(**serving, descriptors);
        tell_of_overrides(service.overridden());
        if (const auto& where = service.admin().address(); !where.empty())
            observe::log(observe::level::notice, "the admin endpoint answers on " + where);
        if (started) started(**serving);
        status = service.run();
        (*serving)->keep_last();
        former.reset();
        told.ignore();
        control.turn(control.turns().now().steady);  // what was on its way to the service finds it
    }
    finders.end();
    serving->reset();
    observe::flush_log();
    return status;
}

}  // namespace hawser::app
