// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "health/comparison.h"
#include "observe/exposition.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// Compares the servers of each pool whenever a window of it is over, and takes out those that
/// stand out. On the control thread, by what all workers have counted.
class outlier_windows {
  public:
    /// Looks at the windows that are over by `now`; once a second or so.
    void look(const upstream::snapshot& present, instant now);
    void collect(observe::exposition& into) const;

  private:
    struct watched_server {
        std::string name;
        upstream::load_totals before;
        std::map<health::oddity, std::uint64_t> ejections;
    };
    struct watched_pool {
        steady_time due;
        std::map<std::uint32_t, watched_server> servers;  ///< by serial
    };

    void compare(const upstream::pool& pool, watched_pool& known, instant now);

    std::map<std::string, watched_pool, std::less<>> pools_;
};

}  // namespace hawser::app
