// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "observe/counter.h"
#include "observe/exposition.h"
#include "observe/per_worker.h"
#include "sessions/resp/scripts.h"
#include "store/store.h"

namespace hawser::sessions::resp {

/// What one worker's door counts.
struct counters {
    static constexpr std::size_t commands_max = 64;
    std::array<observe::counter, commands_max> commands;  ///< by their place among all
    observe::cause_counters<16> errors;                   ///< by code
    observe::cause_counters<8> refused;                   ///< connections, by cause
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
