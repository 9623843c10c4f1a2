// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
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

    friend bool operator==(const sighting&, const sighting&) = default;
};

/// What a client has seen of sessions: on what its next save of one is based.
///
/// Many requests may share a client, each of which reads a session and then saves, touches or ends
/// it, or does nothing more. So a reading stays open until one of these answers it; the oldest
/// first, as most requests take about as long.
///
/// Holds the last few thousand sessions; of the others nothing is known, which is the careful
/// answer. Each lies in one cache line, found by one more: every read of a session notes it.
class sightings {
  public:
    static constexpr std::size_t most = 4096;    ///< sessions
    static constexpr std::size_t open_most = 8;  ///< readings of one; the oldest gives way

    /// It is about to read: what `note` will need is fetched meanwhile.
    void expect(const store::record_id& id) const;
    /// It has read.
    void note(const store::record_id& id, const sighting& seen);

    /// The readings that nothing has answered yet, the oldest first.
    [[nodiscard]] std::vector<sighting> open(const store::record_id& id) const;
    /// The first of them.
    [[nodiscard]] std::optional<sighting> oldest(const store::record_id& id) const;

    /// What it has saved, or touched, last; none: nothing that is known of.
    [[nodiscard]] std::optional<sighting> last(const store::record_id& id) const;

    /// The open reading at that place of `open` is answered, if there is one; what its request
    /// knows now is `now`, unless it has to read anew.
    void answer(const store::record_id& id, std::size_t which, const sighting& now);
    void answer(const store::record_id& id, std::size_t which);

    /// A request that has read is done with the session, and has saved nothing. Returns what it
    /// had read.
    std::optional<sighting> answer_oldest(const store::record_id& id);

    /// Readings from before `then` count as answered.
    void close_before(const store::record_id& id, steady_time then);

    [[nodiscard]] std::size_t size() const { return seen_.size(); }

  private:
    /// A sighting in three words.
    struct packed {
        std::uint64_t at = 0;
        std::uint64_t reading = 0;
        std::uint64_t noted : 63 = 0;
        std::uint64_t was_absent : 1 = 0;
    };
    struct session {
        std::uint64_t key = 0;
        packed first;  ///< of the open ones; the others are in `more_`
        packed last;
        std::uint32_t open = 0;  ///< how many
        bool has_last = false;
    };
    static_assert(sizeof(session) == 64);

    /// Half of a keyed hash tells sessions apart as far as one client sees them.
    static std::uint64_t key_of(const store::record_id& id) { return id.hash[0]; }
    static constexpr std::chrono::seconds awaited_for{10};
    static std::uint32_t second_of(steady_time when) {
        const auto whole = std::chrono::floor<std::chrono::seconds>(when.time_since_epoch());
        return std::uint32_t(whole.count());
    }
    static packed pack(const sighting& one);
    static sighting unpack(const packed& one);

    [[nodiscard]] const session* find(const store::record_id& id) const;
    [[nodiscard]] session* find(const store::record_id& id) {
        return const_cast<session*>(std::as_const(*this).find(id));
    }
    [[nodiscard]] session& of(const store::record_id& id, steady_time now);
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const;
    void close(session& one, std::size_t which);
    void enter(std::uint64_t key, std::size_t number);
    void leave(std::uint64_t key);
    void grow();
    void await(const session& one, steady_time noted) {
        awaited_[std::size_t(&one - seen_.data())] = second_of(noted + awaited_for);
    }

    /// Until which second each session is awaited to be saved; 0: it is not. Beside them, as many
    /// are looked at for one that has to give way.
    std::vector<std::uint32_t> awaited_;
    std::vector<session> seen_;  // in the order in which they came, from `next_` on once it is full
    std::size_t next_ = 0;
    std::vector<std::uint16_t> places_;  // by key: one more than the number of a session; 0: none
    std::unordered_map<std::uint64_t, std::vector<sighting>> more_;  // by key; few have several
};

}  // namespace hawser::sessions
