// SPDX-License-Identifier: Apache-2.0
#include "app/demo/processes.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include "app/demo/shop.h"
#include "async/scope.h"
#include "http/server.h"
#include "io/epoll/descriptor.h"
#include "io/epoll/epoll_engine.h"
#include "io/listening_socket.h"
#include "io/worker.h"

namespace hawser::app::demo {

processes::~processes() {
    for (const pid_t each : running_) ::kill(each, SIGTERM);
    for (const pid_t each : running_) ::waitpid(each, nullptr, 0);
}

result<shop_process> processes::start(const std::string& name) {
    std::array<int, 2> ends;
    if (::pipe(ends.data()) != 0) return std::unexpected(system_error(errno, "pipe"));
    const io::descriptor reads(ends[0]);
    io::descriptor writes(ends[1]);

    const pid_t child = ::fork();
    if (child < 0) return std::unexpected(system_error(errno, "fork"));
    if (child == 0) {
        ::dup2(writes.number(), STDOUT_FILENO);
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::execl("/proc/self/exe", "hawser", "demo-shop", name.c_str(), nullptr);
        ::_exit(127);
    }
    running_.push_back(child);
    writes = io::descriptor();

    std::array<char, 16> text{};
    const ssize_t size = ::read(reads.number(), text.data(), text.size() - 1);
    shop_process started{.name = name, .id = child};
    if (size <= 0) return fail(errc::unavailable, "shop " + name + " did not start");
    std::from_chars(text.data(), text.data() + size, started.port);
    return started;
}

int be_a_shop(const std::string& name) {
    // The demo leaves them on its own Ctrl-C: first it lets what is under way end.
    ::signal(SIGINT, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    auto engine = io::make_epoll_engine();
    const io::endpoint any_port(*io::ip_address::parse("127.0.0.1"), 0);
    auto socket = io::open_listening(any_port, io::sharing::exclusive);
    if (!engine || !socket) return 1;
    const auto where = socket->local();
    io::worker worker(0, std::move(*engine));
    auto listener = worker.io().listen(std::move(*socket));
    if (!where || !listener) return 1;

    shop served(name);
    http::server server({},
                        [&](const http::served_request& asked) { return served.answer(asked); });
    scope running;
    running.spawn(server.serve(std::move(*listener)));
    std::printf("%u\n", where->port());
    std::fclose(stdout);
    worker.run_until([&] { return running.running() == 0; });
    return 0;
}

}  // namespace hawser::app::demo
