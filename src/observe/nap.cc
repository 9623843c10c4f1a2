// SPDX-License-Identifier: Apache-2.0
#include "observe/nap.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace hawser::observe {

namespace {

std::uint32_t* word_of(std::atomic<std::uint32_t>& state) {
    static_assert(sizeof state == sizeof(std::uint32_t));
    return reinterpret_cast<std::uint32_t*>(&state);
}

}  // namespace

void nap::wake() noexcept {
    const auto before = state_.exchange(woken, std::memory_order_acq_rel);
    if (before == dozing || before == asleep)
        ::syscall(SYS_futex, word_of(state_), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void nap::rest(std::uint32_t how, std::chrono::milliseconds most) noexcept {
    auto expected = awake;
    if (state_.compare_exchange_strong(expected, how, std::memory_order_acq_rel)) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(most);
        const timespec span{.tv_sec = seconds.count(),
                            .tv_nsec = std::chrono::nanoseconds(most - seconds).count()};
        // Returns at once when someone has changed the word meanwhile; a false return is harmless.
        ::syscall(SYS_futex, word_of(state_), FUTEX_WAIT_PRIVATE, how, &span, nullptr, 0);
    }
    state_.store(awake, std::memory_order_release);
}

}  // namespace hawser::observe
