// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/record.h"
#include "store/space.h"

namespace hawser::store {

/// What is known of an id.
struct finding {
    std::optional<store::record> record;  ///< none: nobody is there
    /// The record's; without one that of its end, as long as its tombstone stands.
    store::version at = no_version;
};

/// On what a write or an end insists. Whoever insists in vain changes nothing.
struct expectation {
    enum class kind : std::uint8_t {
        any,      ///< whatever is there
        absent,   ///< nothing is there
        present,  ///< something is there
        exact,    ///< what is there has the version `seen`
    };
    kind what = kind::any;
    /// What the writer has seen last; `no_version`: that is not known. Over a tombstone only those
    /// write who have seen it, or who want to begin (`absent`): so an end is final.
    version seen = no_version;
    /// Of `exact`: the deadline that was seen, too, for whoever writes it back; none: any.
    std::optional<steady_time> expires = std::nullopt;
};

enum class outcome : std::uint8_t {
    kept,     ///< it is so now
    differs,  ///< what is there is not what was expected
    ended,    ///< its end is newer than what the writer has seen
};

/// What became of a write or an end.
struct change {
    store::outcome outcome = outcome::kept;
    version at = no_version;  ///< what is there now
    /// Which losses it outlives, now that it is told: less than was asked for where a namespace
    /// goes on while its store fails.
    durability lasts = durability::memory;
};

/// How a record is kept.
struct grade {
    durability lasts = durability::memory;
    std::uint8_t flags = 0;
};

/// Gives a record another deadline, and another grade, if that is said. Its data and its version
/// stay.
struct touching {
    enum class when : std::uint8_t {
        always,
        without_deadline,  ///< only if it has none
        with_deadline,     ///< only if it has one
        if_later,          ///< none counts as later than any
        if_earlier,
        with_later_deadline,  ///< only if it has one, and that is later
    };
    steady_time expires = no_deadline;
    when condition = when::always;
    /// The version that what is there must have; `no_version`: any.
    version seen = no_version;
    std::optional<store::grade> as = std::nullopt;
    bool keeps_deadline = false;  ///< only its grade is another

    /// Whether its condition holds for a record that ends at `present`.
    [[nodiscard]] bool holds(steady_time present) const {
        switch (condition) {
            case when::always: break;
            case when::without_deadline: return present == no_deadline;
            case when::with_deadline: return present != no_deadline;
            case when::if_later: return expires > present;
            case when::if_earlier: return expires < present;
            case when::with_later_deadline: return present != no_deadline && expires < present;
        }
        return true;
    }
};

struct touched {
    bool exists = false;
    bool changed = false;  ///< the condition held
};

/// Which records a call of `scan` looks at next. 0 is the beginning, and the end.
enum class cursor : std::uint64_t {};

struct scanned {
    std::string name;
    std::uint8_t flags = 0;
};

struct page {
    std::vector<scanned> found;
    cursor next{};  ///< 0: that was all
};

/// What a writer makes of what it is shown.
struct revision {
    enum class what : std::uint8_t {
        leave,  ///< as it is
        touch,  ///< ends at `life.expires` from now on
        write,  ///< what the writer has brought takes its place, with all of the below
    };
    what is = what::leave;
    lifetime life = {};
    std::uint64_t user = 0;
    durability lasts = durability::memory;
    std::uint8_t flags = 0;
};

/// What has come of it.
struct revised {
    revision::what was = revision::what::leave;
    version at = no_version;  ///< what is there now, or its end
    /// For which class it has to be settled, before anybody is told: `memory`, for none.
    durability unsettled = durability::memory;
};

enum class end_cause : std::uint8_t { expired, evicted };

/// A record has ended by itself.
struct ending {
    space& in;
    std::string name;
    end_cause why;
};

/// What a store says of a namespace that is opening.
[[nodiscard]] inline std::unexpected<error> opening() {
    return fail(errc::unavailable, "the store is opening", true);
}

/// Where sessions are kept. What every store promises stands in tests/store/store_contract.h.
///
/// Each call is atomic for its record; whoever reads, decides and writes insists on the version
/// that it has read. `now` is the caller's time. An error means that the store cannot be asked
/// (`unavailable`) or has no room (`exhausted`), never that a record is unknown. Any worker calls;
/// a store that has to wait for something waits by coroutine, and none holds a worker for more than
/// a millisecond. Engines outside the process fit behind it: nothing here assumes memory.
class store {
  public:
    virtual ~store() = default;

    /// What lies at `id`. With `sees` the record counts as seen, and its idle time begins anew.
    [[nodiscard]] virtual task<result<finding>> read(record_id id, bool sees, steady_time now) = 0;

    /// Puts `what` in the place of what lies there; what the store keeps of itself is ignored.
    /// A record that is replaced keeps its `created`.
    [[nodiscard]] virtual task<result<change>> write(record_id id, record what, expectation on,
                                                     steady_time now) = 0;

    /// Ends the record. For `remembered` its tombstone keeps off whoever has not seen the end; 0:
    /// it leaves none. `differs` when nothing is there.
    [[nodiscard]] virtual task<result<change>> erase(record_id id, expectation on,
                                                     std::chrono::milliseconds remembered,
                                                     steady_time now) = 0;

    [[nodiscard]] virtual task<result<touched>> touch(record_id id, touching how,
                                                      steady_time now) = 0;

    /// The next names of a namespace, after looking at about `count` records, or at fewer whose
    /// names are large. Who lives through the whole scan is found, once.
    [[nodiscard]] virtual task<result<page>> scan(space& in, cursor from, std::size_t count,
                                                  steady_time now) = 0;

    // The same for who must not wait, as it has many to serve: nothing is answered by a store that
    // would have to wait, and the calls above have to be asked.

    /// Shows what lies at `id`; null: nobody is there, and it has ended `at`. `look` is called
    /// once, with the record held: it must not call the store.
    using look = std::function<void(const record_view* there, version at)>;
    [[nodiscard]] virtual std::optional<result<>> show(const record_id&, bool /*sees*/,
                                                       steady_time /*now*/, const look&) {
        return std::nullopt;
    }

    /// Has `decide` say what becomes of what lies at `id`, and does it in the same step, with
    /// `name` and `data`. It is called under the same terms, and again where room had to be made.
    using decision = std::function<revision(const record_view* there, version at)>;
    [[nodiscard]] virtual std::optional<result<revised>> revise(const record_id&,
                                                                std::string_view /*name*/,
                                                                std::string_view /*data*/,
                                                                steady_time /*now*/,
                                                                const decision&) {
        return std::nullopt;
    }

    /// Waits until all that was revised in `in` before, `changes` in number, is as safe as
    /// `unsettled`; tells how safe it is, as `write` does.
    [[nodiscard]] virtual task<result<durability>> settle(space& /*in*/, durability unsettled,
                                                          std::size_t /*changes*/) {
        co_return unsettled;
    }

    /// Ends what is over, for about `budget` records at the most. True: more is due now.
    virtual bool sweep(steady_time now, std::size_t budget) = 0;

    /// Calls `told` for every record that ends by itself, from the thread that notices, without a
    /// lock. Before the store is used.
    void on_end(std::function<void(const ending&)> told) { told_ = std::move(told); }

    /// Calls `told` for every record of a user's that a process before has kept, before its
    /// namespace is ready; from a thread of the store's. Before the store is used.
    using loaded =
        std::function<void(const record_id& id, std::uint64_t user, steady_time created)>;
    void on_load(loaded told) { told_of_load_ = std::move(told); }

  protected:
    void tell_of_load(const record_id& id, std::uint64_t user, steady_time created) const {
        if (told_of_load_) told_of_load_(id, user, created);
    }
    void tell(const ending& what) const {
        if (told_) told_(what);
    }

  private:
    std::function<void(const ending&)> told_;
    loaded told_of_load_;
};

}  // namespace hawser::store
