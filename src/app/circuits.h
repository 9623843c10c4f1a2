// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "observe/exposition.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// Opens the circuit of a pool whose requests mostly fail, whichever server they go to. Requests
/// close it again (proxy/).
///
/// Used by the control thread.
class circuits {
  public:
    /// Judges the pools whose window is over.
    void look(const upstream::snapshot& present, instant now);
    void collect(const upstream::snapshot& present, observe::exposition& into) const;

  private:
    struct counts {
        std::uint64_t all = 0;
        std::uint64_t failed = 0;
    };
    struct watched_pool {
        steady_time due{};  ///< the end of its window; the epoch: none has begun
        std::map<std::uint32_t, counts> before;  ///< by a server's serial
        std::uint64_t opened = 0;
    };

    static counts turn_window(const upstream::pool& pool, watched_pool& known, steady_time now);
    static void judge(const upstream::pool& pool, watched_pool& known, steady_time now);

    std::map<std::string, watched_pool, std::less<>> pools_;
};

}  // namespace hawser::app
