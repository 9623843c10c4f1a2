// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <pthread.h>
#include <signal.h>

#include <array>
#include <utility>

namespace hawser::app {

namespace {

/// RTMIN only ends the thread itself.
const std::array<int, 6> handled = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

sigset_t handled_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : handled) sigaddset(&set, number);
    sigaddset(&set, SIGRTMIN);
    return set;
}

}  // namespace

signals::signals() {
    const sigset_t set = handled_set();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

void signals::listen(std::function<void(int)> told) {
    thread_ = std::jthread([told = std::move(told)](const std::stop_token& stop) {
        const sigset_t set = handled_set();
        while (!stop.stop_requested()) {
            int number = 0;
            if (sigwait(&set, &number) == 0 && number != SIGRTMIN) told(number);
        }
    });
}

void signals::ignore() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    pthread_kill(thread_.native_handle(), SIGRTMIN);
    thread_.join();
}

}  // namespace hawser::app
