// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>

namespace hawser {

/// How long the calling thread has had a processor. To look costs as much as half a dozen looks at
/// the other clocks.
[[nodiscard]] inline std::chrono::nanoseconds read_thread_cpu() noexcept {
    ::timespec spent{};
    (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

}  // namespace hawser
