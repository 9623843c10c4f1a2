// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "async/event.h"
#include "async/stop.h"
#include "async/task.h"
#include "io/worker.h"
#include "sessions/channels.h"

namespace hawser::sessions {

/// Somebody who listens. Called on the thread of its worker; must not leave while it is told.
class hearer {
  public:
    /// A message, as whoever listens to its channel or, unless that is null, to `pattern`.
    virtual void hear(const message& said, const std::string* pattern) = 0;
    /// It has missed some: better none than a gap that nobody knows of.
    virtual void miss() = 0;

  protected:
    ~hearer() = default;
};

/// Those of a namespace's subscribers that are on one worker, and what is under way to them.
///
/// What is said comes from any worker into a queue of bounded size; a coroutine of the worker's
/// hands it out, and lets others have their turn, however many listen and whatever patterns they
/// have.
class audience : public std::enable_shared_from_this<audience> {
  public:
    audience(io::worker& at, channels& of) : worker_(at), of_(of), backlog_(of) {}

    /// From any worker. Where there is no room, all who are here miss it.
    void put(const std::shared_ptr<const message>& said);

    // On the worker's thread.

    /// `number` is the hearer's own; it does not listen to that yet, or it does.
    void add(listening what, std::string_view name, std::int64_t number, hearer& who);
    void remove(listening what, std::string_view name, std::int64_t number);

    /// Hands out what was said, until it is stopped. One at a time.
    [[nodiscard]] task<> serve(stop_source& until);

    [[nodiscard]] channels& of() const noexcept { return of_; }

  private:
    using hearers = std::map<std::int64_t, hearer*>;
    using table = std::map<std::string, hearers, std::less<>>;

    [[nodiscard]] table& of(listening what) {
        return what == listening::channel ? channels_ : patterns_;
    }
    [[nodiscard]] std::vector<std::shared_ptr<const message>> take();
    [[nodiscard]] task<> hand_out(const message& said, stop_source& until);
    [[nodiscard]] task<> tell(listening what, const std::string& name, const message& said,
                              stop_source& until);
    [[nodiscard]] task<bool> matches_in_turns(const std::string& pattern, const message& said,
                                              stop_source& until);
    [[nodiscard]] bool is_breath_due();
    void tell_of_loss();

    io::worker& worker_;
    channels& of_;
    table channels_;
    table patterns_;
    event called_;
    std::size_t steps_ = 0;

    std::mutex lock_;
    std::deque<std::shared_ptr<const message>> queue_;
    std::size_t bytes_ = 0;
    backlog backlog_;
    bool is_called_ = false;
    bool has_lost_ = false;
};

}  // namespace hawser::sessions
