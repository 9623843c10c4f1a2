// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "base/clock.h"

namespace hawser::upstream {

/// Hears at once, on whichever thread it happens, that a server came up or is up no more.
class fitness_listener {
  public:
    virtual void fitness_changed(bool is_up) noexcept = 0;

  protected:
    ~fitness_listener() = default;
};

/// Whether a server may be sent requests, as its health was last found. One word, read by every
/// worker on every pick and written only when something changes.
///
/// A server is *up*; *out* until a moment, as traffic found it; or *down*, as its checks found it.
/// Once the moment has passed one that is out is on *trial*: one request at a time may go there and
/// decides. A trial whose request never reports (its client left) ends by itself, and the next
/// request may try. One that is down has no trials: only its checks bring it up.
///
/// The rules that take servers out and bring them back are in health/.
class fitness {
  public:
    /// `told` may be null, and outlives this.
    explicit fitness(fitness_listener* told = nullptr) noexcept : told_(told) {}

    [[nodiscard]] bool is_up() const noexcept { return word() == up; }

    /// Out, its time over, and nobody trying.
    [[nodiscard]] bool is_trial_due(steady_time now) const noexcept {
        const std::int64_t seen = word();
        return seen != up && now.time_since_epoch().count() >= moment_of(seen);
    }

    /// A request was let through since the server went out, and has not been reported on yet.
    [[nodiscard]] bool is_on_trial() const noexcept { return word() < up; }

    /// Its checks say that it is unfit, whatever traffic says.
    [[nodiscard]] bool is_down() const noexcept { return word() == down; }

    /// When the next trial may begin; meaningless while the server is up.
    [[nodiscard]] steady_time out_until() const noexcept {
        return steady_time(steady_time::duration(moment_of(word())));
    }

    /// Takes a trial that is due for the caller's request, which must then be sent to the server
    /// and its outcome reported. False if none is due or another worker was faster.
    bool take_trial(steady_time now) noexcept;

    /// From up to out. False if it was out already: of many failures at once, one decides.
    bool take_out(steady_time until) noexcept;

    /// A failed trial: out again. False if no trial was taken or another report was faster.
    bool end_trial(steady_time until) noexcept;

    /// To up, from out. `wall` is remembered as `came_back` if `is_new_instance`: the server was
    /// gone, so bindings given before may point to a process that no longer knows them. False if it
    /// was up or is down.
    bool bring_back(wall_time wall, bool is_new_instance) noexcept;

    /// To up, as if it had never been taken out.
    void undo_take_out() noexcept;

    /// To down, by its checks. False if it was down.
    bool take_down() noexcept;
    /// To up, by its checks, from out or down; otherwise as `bring_back`. False if it was up.
    bool raise(wall_time wall, bool is_new_instance) noexcept;

    /// When this node last saw the server come back from being gone; the epoch if it never did.
    [[nodiscard]] wall_time came_back() const noexcept {
        return wall_time(wall_time::duration(came_back_.load(std::memory_order_relaxed)));
    }

    /// The process before this one saw it come back at `wall`.
    void remember_return(wall_time wall) noexcept {
        came_back_.store(wall.time_since_epoch().count(), std::memory_order_relaxed);
    }

  private:
    // Nanoseconds of the steady clock: 0 up, t out until t, -t on trial until t; down is out until
    // the end of time. In one order for all threads (seq_cst), since the rules count how many
    // servers of a pool are out.
    static constexpr std::int64_t up = 0;
    static constexpr std::int64_t down = std::numeric_limits<std::int64_t>::max();

    static std::int64_t moment_of(std::int64_t seen) noexcept { return seen < 0 ? -seen : seen; }
    [[nodiscard]] std::int64_t word() const noexcept { return word_.load(); }
    bool come_up(std::int64_t seen, wall_time wall, bool is_new_instance) noexcept;
    void tell(bool is_up) const noexcept {
        if (told_ != nullptr) told_->fitness_changed(is_up);
    }

    std::atomic<std::int64_t> word_{up};
    fitness_listener* const told_;
    std::atomic<std::int64_t> came_back_{0};
};

/// What the rules in health/ remember of one server between two reports.
struct outlier_tally {
    std::atomic<std::uint32_t> connect_failures{0};  ///< in a row
    std::atomic<std::uint32_t> answer_failures{0};   ///< in a row
    std::atomic<std::uint32_t> outages{0};           ///< in a row, and failed trials with them
    std::atomic<std::int64_t> back_since{0};         ///< ticks of the steady clock
    std::atomic<bool> was_gone{false};               ///< in this outage nobody answered a connect
};

}  // namespace hawser::upstream
