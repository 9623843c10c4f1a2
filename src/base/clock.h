// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace hawser {

/// Time for deadlines, rates and ages: a step of the wall clock changes nothing here.
using steady_time = std::chrono::steady_clock::time_point;

/// Time that other nodes and people see, in milliseconds since 1970.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Later than anything: a wait that may last for ever says so by name.
inline constexpr steady_time no_deadline = steady_time::max();

/// Both clocks at one moment, read once per turn of a worker's loop and handed down.
struct instant {
    steady_time steady;
    wall_time wall;
};

/// Reads both clocks of the operating system.
[[nodiscard]] inline instant read_clocks() {
    return {
        std::chrono::steady_clock::now(),
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

}  // namespace hawser
