// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "upstream/server.h"

namespace hawser::health {

/// How many checks in a row decide.
struct standing_rules {
    unsigned rise = 2;
    unsigned fall = 3;

    friend bool operator==(const standing_rules&, const standing_rules&) = default;
};

/// Active health: the rules by which a server's checks take it down and bring it up.
///
/// `fall` failed checks in a row take it down, whatever traffic says of it, and only `rise` passed
/// ones bring it up again. They end an outage that traffic has found, too. A server that has never
/// passed begins up, and its first failed check takes it down: nothing speaks for it yet. What the
/// former process of an upgrade has seen pass, has passed.
///
/// A server that says of itself, by its agent, that it is unfit is down as well, until it says
/// otherwise.
///
/// Used by one thread, and one for each server.
class standing {
  public:
    enum class change : std::uint8_t { none, went_down, came_up };

    change passed(upstream::server& who, standing_rules by, wall_time now) noexcept;
    /// `is_gone`: nobody took the connection, so whoever does later is another process.
    change failed(upstream::server& who, standing_rules by, bool is_gone) noexcept;

    /// The server has said of itself whether it is fit.
    change told(upstream::server& who, bool is_fit, wall_time now) noexcept;

    // Without those who took it down nobody would bring it up again.
    void forget_checks(upstream::server& who) noexcept;
    void forget_agent(upstream::server& who) noexcept;

    /// The last checks contradict the server's state: it should be asked again soon.
    [[nodiscard]] bool is_in_doubt() const noexcept { return run_ > 0; }
    /// Checks in a row that contradict it, or, after a change, that decided it.
    [[nodiscard]] unsigned decided_by() const noexcept { return decided_by_; }

  private:
    bool raise(upstream::server& who, wall_time now) noexcept;

    unsigned run_ = 0;  ///< in a row, against the server's state
    unsigned decided_by_ = 0;
    bool last_passed_ = true;
    bool was_gone_ = false;    ///< in this run of failures
    bool is_failing_ = false;  ///< checks took it down
    bool is_told_unfit_ = false;
};

}  // namespace hawser::health
