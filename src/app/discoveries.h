// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/effective.h"
#include "async/event.h"
#include "async/scope.h"
#include "base/clock.h"
#include "discovery/lookout.h"
#include "io/worker.h"
#include "observe/exposition.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// What is served by before a change.
struct present_servers {
    const effective& settings;
    const upstream::snapshot& fleet;
};

/// Who looks for the servers of which pool, and whom they have found. Of the control thread.
class discoveries {
  public:
    explicit discoveries(io::worker& control) : control_(control) {}

    /// Looks from now on as `next` says. A pool's lookout stays as long as its `discover` does; one
    /// that takes another's place, or that of `servers`, begins with those who were there.
    void change_to(const configuration& next, const present_servers& present);

    /// Takes turns of the control thread until everybody has looked once, for at most
    /// `first_look_max`.
    void wait_for_first_looks();
    /// Stops looking, and takes turns until that is over: before this dies.
    void end();

    /// A pool with the servers that were found; what stands in the file counts more than what was
    /// found under the same name. A pool for which nobody looks yet keeps the servers that it has.
    [[nodiscard]] pool over(const std::string& name, pool of_file,
                            const present_servers& present) const;

    /// Set when somebody came or went after the first looks.
    [[nodiscard]] event& changed() noexcept { return changed_; }
    /// In which pools, since this was asked last.
    [[nodiscard]] std::set<std::string> take_changed() { return std::exchange(stirred_, {}); }
    /// What was taken could not be served by: it is still to be done.
    void put_back(std::set<std::string> pools) { stirred_.merge(pools); }
    [[nodiscard]] bool has_changed(const std::string& pool) const {
        return stirred_.contains(pool);
    }

    /// Lets those go who are leaving and of whom `is_drained` says so.
    void let_go(
        const std::function<bool(std::string_view pool, std::string_view server)>& is_drained);

    /// Null: nobody looks for servers of that pool.
    [[nodiscard]] const discovery::lookout* find(std::string_view pool) const;
    void collect(observe::exposition& into) const;

  private:
    struct post {
        std::vector<server_source> sources;
        discovery::farewell goodbye;
        std::shared_ptr<discovery::lookout> lookout;
    };

    [[nodiscard]] discovery::membership members_of(const std::string& name, const pool& wanted,
                                                   const present_servers& present) const;
    post begin(const std::string& name, const pool& wanted, discovery::membership from);

    io::worker& control_;
    scope looking_;
    event changed_;
    std::set<std::string> stirred_;
    bool are_first_over_ = false;
    std::map<std::string, post, std::less<>> posts_;
};

}  // namespace hawser::app
