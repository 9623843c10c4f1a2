// SPDX-License-Identifier: Apache-2.0
#include "io/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "async/scope.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "io/epoll/epoll_engine.h"
#include "io/worker.h"

namespace hawser::io {
namespace {

command shell(std::string script) {
    return {.program = "/bin/sh", .arguments = {"-c", std::move(script)}, .environment = {}};
}

task<> wait_into(child& one, result<ending>& into) { into = co_await one.ended(); }

struct nursery {
    result<ending> end_of(child& one) {
        result<ending> found;
        scope root;
        root.spawn(wait_into(one, found));
        while (root.running() > 0) on.turn();
        return found;
    }
    worker on{0, make_epoll_engine().value()};
};

/// A pipe of a name, into which the test's processes say which they are.
struct note {
    note() {
        std::filesystem::remove(path);
        ensure(::mkfifo(path.c_str(), 0600) == 0, "a folder for temporary files");
    }
    ~note() { std::filesystem::remove(path); }
    /// Waits until one says it.
    [[nodiscard]] pid_t number() const {
        std::ifstream file(path);
        std::string line;
        std::getline(file, line);
        return std::stoi(line);
    }
    std::string path =
        (std::filesystem::temp_directory_path() / ("child_test." + std::to_string(::getpid())))
            .string();
};

/// It has ended, or does within a minute.
void expect_gone(pid_t id) {
    const descriptor handle(int(::syscall(SYS_pidfd_open, id, 0)));
    if (!handle && errno == ESRCH) return;
    pollfd asked{.fd = handle.number(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&asked, 1, 60'000), 1) << "process " << id << " goes on";
}

TEST(child, tells_its_exit_status) {
    nursery here;
    const auto one = child::start(here.on.io(), shell("exit 7")).value();
    const auto ended = here.end_of(*one).value();
    EXPECT_EQ(ended.status, 7);
    EXPECT_EQ(ended.signal, 0);
}

TEST(child, tells_the_signal_that_killed_it) {
    nursery here;
    const auto one = child::start(here.on.io(), shell("kill -9 $$")).value();
    EXPECT_EQ(here.end_of(*one).value().signal, SIGKILL);
}

TEST(child, has_the_signals_that_we_block_or_ignore) {
    sigset_t set;
    sigset_t before;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    nursery here;
    const auto one = child::start(here.on.io(), shell("kill -TERM $$; exit 1")).value();
    EXPECT_EQ(here.end_of(*one).value().signal, SIGTERM);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(child, that_cannot_be_started_says_why) {
    nursery here;
    const auto one = child::start(here.on.io(), {.program = "/nowhere/at/all"});
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, errc::not_found);
}

TEST(child, is_killed_with_all_that_it_has_started_when_nobody_wants_it_any_more) {
    nursery here;
    const note note;
    auto one =
        child::start(here.on.io(), shell("sleep 1000 & echo $! > " + note.path + "; wait")).value();
    const pid_t grandchild = note.number();
    one.reset();
    expect_gone(grandchild);
}

TEST(child, leaves_nothing_behind_at_its_end) {
    nursery here;
    const note note;
    const auto one =
        child::start(here.on.io(), shell("sleep 1000 & echo $! > " + note.path)).value();
    const pid_t grandchild = note.number();
    EXPECT_EQ(here.end_of(*one).value().status, 0);
    expect_gone(grandchild);
}

TEST(child, of_those_that_were_killed_none_stays_a_zombie) {
    nursery here;
    const note note;
    pid_t first = 0;
    for (unsigned i = 0; i <= limits::unended_children_max; ++i) {
        auto one = child::start(here.on.io(), shell("echo $$ > " + note.path + "; sleep 1000"));
        ASSERT_TRUE(one) << one.error().context;
        const pid_t id = note.number();
        one->reset();
        expect_gone(id);
        if (first == 0) first = id;
    }
    EXPECT_EQ(::kill(first, 0), -1) << "it was waited for";
}

}  // namespace
}  // namespace hawser::io
