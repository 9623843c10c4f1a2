// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "observe/counter.h"
#include "observe/exposition.h"
#include "observe/per_worker.h"
#include "sessions/resp/scripts.h"
#include "store/store.h"

namespace hawser::sessions::resp {

/// Upper ends of the buckets for commands, from a microsecond to a second.
inline constexpr auto command_bounds = std::to_array<std::chrono::microseconds>(
    {std::chrono::microseconds(1), std::chrono::microseconds(2), std::chrono::microseconds(5),
     std::chrono::microseconds(10), std::chrono::microseconds(25), std::chrono::microseconds(100),
     std::chrono::microseconds(250), std::chrono::milliseconds(1), std::chrono::milliseconds(5),
     std::chrono::milliseconds(25), std::chrono::milliseconds(100), std::chrono::seconds(1)});

/// What one worker's door counts.
struct counters {
    static constexpr std::size_t commands_max = 128;
    std::array<observe::counter, commands_max> commands;  ///< by their place among all
    std::array<observe::basic_histogram<command_bounds>, commands_max> times;  ///< the same
    observe::cause_counters<16> errors;                                        ///< by code
    observe::cause_counters<8> refused;  ///< connections, by cause
    observe::counter connections;
    observe::counter failed_logins;
};

/// What the doors of all workers share.
class hub {
  public:
    hub(store::store& kept, std::size_t workers, steady_time now)
        : kept(kept), counted(workers), started(now) {}

    /// Tells what doors and namespaces have to say.
    void collect(observe::exposition& into) const;

    store::store& kept;
    observe::per_worker<counters> counted;
    known_scripts scripts;
    const steady_time started;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::int64_t> next_client{1};
};

}  // namespace hawser::sessions::resp
