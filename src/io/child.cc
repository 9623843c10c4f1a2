// SPDX-License-Identifier: Apache-2.0
#include "io/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::io {

namespace {

/// Those that were killed and have not ended yet: a process may hang in the kernel.
class unended {
  public:
    void add(pid_t id) { all_.push_back(id); }
    [[nodiscard]] std::size_t count() {
        std::erase_if(all_, [](pid_t id) { return ::waitpid(id, nullptr, WNOHANG) != 0; });
        return all_.size();
    }

  private:
    std::vector<pid_t> all_;
};

unended& killed_here() {
    thread_local unended all;
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& each : texts) all.push_back(each.data());
    all.push_back(nullptr);
    return all;
}

/// What the child has, and has not, of its parent.
class terms {
  public:
    terms() {
        ensure(posix_spawnattr_init(&attributes_) == 0 &&
                   posix_spawn_file_actions_init(&actions_) == 0,
               "memory for how a program is started");
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            posix_spawn_file_actions_addopen(&actions_, each, "/dev/null", O_RDWR, 0);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    }
    ~terms() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    terms(const terms&) = delete;
    terms& operator=(const terms&) = delete;

    [[nodiscard]] int spawn(pid_t& id, std::vector<std::string> words,
                            std::vector<std::string> environment) const {
        return ::posix_spawn(&id, words.front().c_str(), &actions_, &attributes_,
                             pointers_to(words).data(), pointers_to(environment).data());
    }

  private:
    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t actions_{};
};

}  // namespace

result<std::unique_ptr<child>> child::start(engine& on, const command& what) {
    if (killed_here().count() >= limits::unended_children_max)
        return fail(errc::exhausted, "programs that were killed have not ended");
    std::vector<std::string> words{what.program};
    words.insert(words.end(), what.arguments.begin(), what.arguments.end());
    pid_t id = 0;
    if (const int why = terms().spawn(id, std::move(words), what.environment); why != 0)
        return std::unexpected(system_error(why, what.program));
    // Nobody but us may wait for it, so its number is its own until we have.
    descriptor handle(int(::syscall(SYS_pidfd_open, id, 0)));
    auto made = std::make_unique<child>(id, std::move(handle));
    if (!made->handle_) return std::unexpected(system_error(errno, "pidfd_open"));
    auto watch = on.watch(made->handle_.number(), {.readable = true}, *made);
    if (!watch) return std::unexpected(std::move(watch.error()));
    made->watch_ = std::move(*watch);
    return made;
}

void child::became_ready(int, readiness) noexcept { ended_.set(); }

child::~child() {
    if (is_over_) return;
    ::kill(-id_, SIGKILL);
    killed_here().add(id_);
}

task<result<ending>> child::ended() {
    for (;;) {
        siginfo_t seen{};
        if (::waitid(P_PID, id_t(id_), &seen, WEXITED | WNOHANG | WNOWAIT) != 0)
            co_return std::unexpected(system_error(errno, "waitid"));
        if (seen.si_pid == id_) co_return take_leave();
        auto woken = co_await ended_.wait();
        if (!woken) co_return std::unexpected(std::move(woken.error()));
    }
}

/// What it has started must not go on from check to check. Its number, and its group's, are its own
/// until it has been waited for.
ending child::take_leave() noexcept {
    ::kill(-id_, SIGKILL);
    int status = 0;
    ensure(::waitpid(id_, &status, 0) == id_, "it has ended, and is ours to wait for");
    is_over_ = true;
    if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
    return {.status = WEXITSTATUS(status)};
}

}  // namespace hawser::io
