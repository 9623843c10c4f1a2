// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/stop.h"
#include "async/task.h"
#include "base/clock.h"
#include "discovery/discovery.h"
#include "discovery/membership.h"

namespace hawser::discovery {

/// Where servers are looked for.
struct source {
    std::unique_ptr<discovery> how;
    std::string release = {};  ///< that all run who are found there; empty: what was found says it
};

/// Looks for the servers of one pool, again and again, and keeps the last good answer of each
/// source through every failure. Whom two sources name is of the first. Of the control thread.
class lookout {
  public:
    /// How looking went, for people and metrics.
    struct figures {
        std::uint64_t found = 0;  ///< looks that found somebody, in part or whole
        std::uint64_t failed = 0;
        std::optional<instant> last_found = {};
        std::string trouble = {};  ///< what the last look could not see; empty: it saw all
    };

    /// `changed` is called when somebody came or went. `before` are those who were there until now.
    lookout(std::string pool, std::vector<source> sources, farewell goodbye, membership before,
            std::function<void()> changed);

    /// Until it is stopped.
    task<> keep_looking();
    void stop() noexcept { stop_.stop(); }

    /// Lets those go who are leaving and of whom `is_drained` says so.
    void let_go(const std::function<bool(std::string_view)>& is_drained);

    [[nodiscard]] const membership& members() const noexcept { return members_; }
    [[nodiscard]] const figures& so_far() const noexcept { return figures_; }
    [[nodiscard]] std::string where() const;
    /// The first look at each source is over, whatever it found.
    [[nodiscard]] bool has_looked() const noexcept;

  private:
    struct post {
        source at;
        bool has_looked = false;
        std::optional<std::vector<sighting>> found = {};  ///< the last good answer
        std::string trouble = {};
    };

    task<> keep_looking_from(post& one);
    void take(post& from, sightings seen, const instant& now);
    void fail_to_see(post& from, const error& why);
    [[nodiscard]] std::vector<sighting> all_found();
    void tell_trouble(post& from, std::string trouble, std::string_view outcome);
    void tell_twins(std::string twins);
    void sum_up_trouble();

    std::string pool_;
    std::vector<post> posts_;
    std::string twins_;  ///< who is found by two sources; empty: nobody
    farewell goodbye_;
    membership members_;
    std::function<void()> changed_;
    figures figures_;
    stop_source stop_;
};

}  // namespace hawser::discovery
