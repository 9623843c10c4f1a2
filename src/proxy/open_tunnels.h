// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <map>
#include <span>

#include "async/loop.h"
#include "base/ids.h"
#include "proxy/departure.h"

namespace hawser::proxy {

/// A session as tunnels know it.
struct tunnel_owner {
    pool_id pool{};
    session_id session;

    friend constexpr auto operator<=>(const tunnel_owner&, const tunnel_owner&) = default;
};

/// One worker's tunnels by their sessions, for whoever ends or moves these.
class open_tunnels {
    using by_owner = std::multimap<tunnel_owner, leaver*>;

  public:
    /// One of them, for as long as this lives.
    class entry {
      public:
        entry(open_tunnels& among, const tunnel_owner& whose, leaver& goes)
            : all_(among.all_), at_(all_.emplace(whose, &goes)) {}
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;
        ~entry() { all_.erase(at_); }

      private:
        by_owner& all_;
        by_owner::iterator at_;
    };

    /// Has those of `owners` go, one in each `limits::farewell_gap`, who have not been called yet.
    /// Those who go for one reason do not wait for those who go for another. `why` outlives this.
    void part(std::span<const tunnel_owner> owners, const goodbye& why);

  private:
    by_owner all_;
    std::map<const goodbye*, steady_time> next_;  ///< when the next one may go for that reason
};

}  // namespace hawser::proxy
