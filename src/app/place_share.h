// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace hawser::app {

/// How the two processes of an upgrade share the places of a server with `max-connections`: the old
/// one says how many it wants, which are those that it has taken, those that are waited for there,
/// and a few to spare, since its idle clients may bring one more request each; the new one keeps
/// off as many, and grants them as it has them free.
///
/// Each has one at least, so that neither waits for the other for ever: together they are one too
/// many at most. What one of them grants or gives back takes effect at home first, and a grant
/// counts only for the wish that it answers: words that cross each other add no place.
class place_share {
  public:
    /// Both begin where the old one has all that it has taken.
    explicit place_share(std::uint32_t most = 0) noexcept : most_(most) {}

    /// 0: there is no limit, and nothing to share.
    [[nodiscard]] std::uint32_t most() const noexcept { return most_; }
    void set_most(std::uint32_t most) noexcept { most_ = most; }

    // In the old process.

    [[nodiscard]] std::uint32_t spare() const noexcept { return std::max(most_ / 8, 1U); }
    /// It has taken, and would take, so many.
    void want(std::uint32_t demand) noexcept {
        const std::uint32_t next = std::clamp(demand, 1U, std::max(most_, 1U));
        if (next == wanted_) return;
        granted_ = turn_ == 0 ? next : std::min(granted_, next);
        wanted_ = next;
        ++turn_;
    }
    void hear_grant(std::uint32_t turn, std::uint32_t places) noexcept {
        if (turn == turn_) granted_ = std::min(places, wanted_);
    }
    [[nodiscard]] std::uint32_t wanted() const noexcept { return wanted_; }
    [[nodiscard]] std::uint32_t limit_of_old() const noexcept { return std::max(granted_, 1U); }

    // In the new one.

    void hear_wish(std::uint32_t turn, std::uint32_t places) noexcept {
        if (turn == turn_) return;
        // It still has what it was granted of an earlier wish, if it wants that still.
        granted_ = turn_ == 0 ? places : std::min(granted_, places);
        turn_ = turn;
        wanted_ = places;
    }
    /// So many are taken here.
    void grant(std::uint32_t taken) noexcept {
        const std::uint32_t left = most_ - std::min(most_, taken);
        granted_ = std::max(granted_, std::min(wanted_, left));
    }
    [[nodiscard]] std::uint32_t granted() const noexcept { return granted_; }
    [[nodiscard]] std::uint32_t limit_of_new() const noexcept {
        return std::max(most_ - std::min(most_, wanted_), 1U);
    }

    [[nodiscard]] std::uint32_t turn() const noexcept { return turn_; }

  private:
    std::uint32_t most_;
    std::uint32_t turn_ = 0;  ///< 0: nothing was said yet
    std::uint32_t wanted_ = 0;
    std::uint32_t granted_ = 0;
};

}  // namespace hawser::app
