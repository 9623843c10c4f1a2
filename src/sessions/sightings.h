// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "store/record.h"

namespace hawser::sessions {

/// One reading of a session by a client, or what it has saved since.
struct sighting {
    store::version at = store::no_version;  ///< what was there; of nobody: its end, while known
    std::uint64_t reading = 0;              ///< among the namespace's `readings`; 0: none
    steady_time noted{};
    bool was_absent = false;  ///< nobody was there
};

/// What a client has seen of sessions: on what its next save of one is based.
///
/// Many requests may share a client, each of which reads a session and then saves, touches or ends
/// it, or does nothing more. So a reading stays open until one of these answers it; the oldest
/// first, as most requests take about as long.
///
/// Holds the last few thousand sessions; of the others nothing is known, which is the careful
/// answer.
class sightings {
  public:
    static constexpr std::size_t most = 4096;    ///< sessions
    static constexpr std::size_t open_most = 8;  ///< readings of one; the oldest gives way

    /// It has read.
    void note(const store::record_id& id, const sighting& seen) {
        auto& open = of(id, seen.noted).open;
        if (open.size() == open_most) open.erase(open.begin());
        open.push_back(seen);
    }

    /// The readings that nothing has answered yet, the oldest first.
    [[nodiscard]] std::span<const sighting> open(const store::record_id& id) const {
        const auto found = seen_.find(key_of(id));
        return found == seen_.end() ? std::span<const sighting>() : found->second.open;
    }

    /// What it has saved, or touched, last; none: nothing that is known of.
    [[nodiscard]] std::optional<sighting> last(const store::record_id& id) const {
        const auto found = seen_.find(key_of(id));
        return found == seen_.end() ? std::nullopt : found->second.last;
    }

    /// The open reading at that place of `open` is answered, if there is one; what its request
    /// knows now is `now`, unless it has to read anew.
    void answer(const store::record_id& id, std::size_t which, const sighting& now) {
        auto& one = of(id, now.noted);
        close(one, which);
        one.last = now;
    }
    void answer(const store::record_id& id, std::size_t which) {
        if (const auto found = seen_.find(key_of(id)); found != seen_.end())
            close(found->second, which);
    }

    /// A request that has read is done with the session, and has saved nothing. Returns what it
    /// had read.
    std::optional<sighting> answer_oldest(const store::record_id& id) {
        const auto found = seen_.find(key_of(id));
        if (found == seen_.end() || found->second.open.empty()) return std::nullopt;
        auto& one = found->second;
        const sighting done = one.open.front();
        one.open.erase(one.open.begin());
        if (!one.last || one.last->at < done.at) one.last = done;
        return done;
    }

    /// Readings from before `then` count as answered.
    void close_before(const store::record_id& id, steady_time then) {
        while (!open(id).empty() && open(id).front().noted < then) (void)answer_oldest(id);
    }

    [[nodiscard]] std::size_t size() const { return seen_.size(); }

  private:
    struct session {
        std::vector<sighting> open;
        std::optional<sighting> last;
    };

    /// Half of a keyed hash tells sessions apart as far as one client sees them.
    static std::uint64_t key_of(const store::record_id& id) { return id.hash[0]; }

    static void close(session& one, std::size_t which) {
        if (which < one.open.size()) one.open.erase(one.open.begin() + std::ptrdiff_t(which));
    }

    session& of(const store::record_id& id, steady_time now) {
        const auto [place, is_new] = seen_.try_emplace(key_of(id));
        if (!is_new) return place->second;
        if (order_.size() < most) {
            order_.push_back(place->first);
            return place->second;
        }
        // Whoever has been read just now will be saved; the others can wait for their turn.
        for (std::size_t i = 0; i < passed_over_max && is_awaited(order_[next_], now); ++i)
            next_ = (next_ + 1) % most;
        seen_.erase(order_[next_]);
        order_[next_] = key_of(id);
        next_ = (next_ + 1) % most;
        return place->second;
    }

    [[nodiscard]] bool is_awaited(std::uint64_t key, steady_time now) const {
        const auto& open = seen_.at(key).open;
        return !open.empty() && open.back().noted + awaited >= now;
    }

    static constexpr std::size_t passed_over_max = 64;
    static constexpr std::chrono::seconds awaited{10};

    std::unordered_map<std::uint64_t, session> seen_;
    std::vector<std::uint64_t> order_;  // in the order in which they came, from `next_` on
    std::size_t next_ = 0;
};

}  // namespace hawser::sessions
