// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/stop.h"
#include "async/task.h"
#include "base/clock.h"
#include "discovery/discovery.h"
#include "discovery/membership.h"

namespace hawser::discovery {

/// Looks for the servers of one pool, again and again, and keeps the last good answer through every
/// failure. Of the control thread.
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
    lookout(std::string pool, std::unique_ptr<discovery> how, farewell goodbye, membership before,
            std::function<void()> changed)
        : pool_(std::move(pool)),
          how_(std::move(how)),
          goodbye_(goodbye),
          members_(std::move(before)),
          changed_(std::move(changed)) {}

    /// Until it is stopped.
    task<> keep_looking();
    void stop() noexcept { stop_.stop(); }

    /// Lets those go who are leaving and of whom `is_drained` says so.
    void let_go(const std::function<bool(std::string_view)>& is_drained);

    [[nodiscard]] const membership& members() const noexcept { return members_; }
    [[nodiscard]] const figures& so_far() const noexcept { return figures_; }
    [[nodiscard]] std::string where() const { return how_->where(); }
    /// The first look is over, whatever it found.
    [[nodiscard]] bool has_looked() const noexcept { return figures_.found + figures_.failed > 0; }

  private:
    void take(sightings seen, const instant& now);
    void fail_to_see(const error& why);
    void tell_trouble(std::string trouble, std::string_view outcome);

    std::string pool_;
    std::unique_ptr<discovery> how_;
    farewell goodbye_;
    membership members_;
    std::function<void()> changed_;
    figures figures_;
    stop_source stop_;
};

}  // namespace hawser::discovery
