// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "sessions/holding.h"
#include "sessions/name_space.h"
#include "sessions/save_meter.h"
#include "sessions/sightings.h"
#include "store/store.h"

namespace hawser::sessions {

/// What a client wants to keep under a name.
struct save {
    std::string data;
    steady_time expires = no_deadline;
    store::expectation::kind on = store::expectation::kind::any;
    bool keeps_deadline = false;   ///< of what is there
    std::uint64_t user = 0;        ///< whose session it is
    std::uint8_t flags = 0;        ///< of what was there
    holding as = holding::string;  ///< what the data is; `write` keeps strings
    bool ends = false;             ///< nothing is left to keep: the record ends, which is no logout
    record_event told = {};        ///< of a change: how those who listen to events hear of it
};

enum class saved : std::uint8_t {
    kept,
    differs,   ///< what is there is not what it insisted on
    dropped,   ///< based on a read before the session's end: the end is final (T2)
    rejected,  ///< based on a read before another save, and that is how the namespace has it (T1)
};

/// One client's dealings with one namespace, whatever the door: records by name, the namespace's
/// terms kept. Remembers what the client has seen of sessions, so that a save of one that has
/// changed, or ended, since it was read is told from others.
///
/// Locks that it takes are its connection's: whoever lets go of a client frees them before.
///
/// Names are views that outlive the call.
class client {
  public:
    /// `number` tells connections apart.
    client(store::store& kept, std::shared_ptr<name_space> in, std::shared_ptr<const terms> by,
           std::int64_t number = 0)
        : store_(kept), in_(std::move(in)), terms_(std::move(by)), number_(number) {}

    /// From now on by these terms.
    void set_terms(std::shared_ptr<const terms> by) { terms_ = std::move(by); }
    [[nodiscard]] name_space& in() const { return *in_; }
    /// As it calls itself, for whoever looks who holds a lock.
    void set_name(std::string_view name) { called_ = name; }
    /// Its connection is gone: so are its locks.
    [[nodiscard]] task<> free_locks();

    /// What comes is reckoned, if it is a save, until `stop_metering`.
    void start_metering() { meter_.start(); }
    void stop_metering() {
        if (const auto spent = meter_.stop()) in_->costs.add(*spent);
    }

    using read_result = task<result<std::optional<store::record>>>;

    /// What is there, for somebody who will work with it. A session's idle time begins anew.
    [[nodiscard]] read_result read(std::string_view name);
    /// Shows what is there to `sink` (null: nobody), as `read`, if that can be done without a wait;
    /// nothing: it cannot.
    using sink = std::function<void(const store::record_view*)>;
    [[nodiscard]] std::optional<result<>> read_now(std::string_view name, const sink& sink);

    /// What is there, for who wants to know of it and does not get its data. With `sees`, a
    /// session's idle time begins anew.
    [[nodiscard]] read_result look(std::string_view name, bool sees = false);

    /// Keeps it. A session's save is settled with what others have saved since it was read. What
    /// was there before goes to `former`, unless that is null.
    [[nodiscard]] task<result<saved>> write(std::string_view name, save what,
                                            std::optional<store::record>* former = nullptr);

    /// Keeps `data` whatever is there, as `write`, if that can be done without a wait; nothing: it
    /// cannot. What it has kept is told once it is settled.
    [[nodiscard]] std::optional<result<saved>> write_now(std::string_view name,
                                                         std::string_view data,
                                                         steady_time expires);
    /// Of the last `write_now`: for which class it has to be settled.
    [[nodiscard]] store::durability unsettled() const noexcept { return unsettled_; }
    /// Waits until `changes` of `write_now` are as safe as `as` says.
    [[nodiscard]] task<result<store::durability>> settle(store::durability as, std::size_t changes);

    /// Reads, lets `decide` look at what is there (null: nothing), and puts in its place what it
    /// says, if it says anything. Whoever comes between makes it look again. `decide` outlives the
    /// call.
    using decision = std::function<std::optional<save>(const store::record*)>;
    [[nodiscard]] task<result<saved>> change(std::string_view name, const decision& decide);
    /// The same if that can be done without a wait, as `write_now`.
    [[nodiscard]] std::optional<result<saved>> change_now(std::string_view name,
                                                          const decision& decide);

    /// False: nobody was there.
    [[nodiscard]] task<result<bool>> end(std::string_view name);

    /// Ends what is there, if its value is `value`: whoever frees a lock frees only its own.
    [[nodiscard]] task<result<bool>> end_if(std::string_view name, std::string_view value);
    /// Has it end at `expires`, if its value is `value`.
    [[nodiscard]] task<result<bool>> touch_if(std::string_view name, std::string_view value,
                                              steady_time expires);

    /// Ends what is there, if it is a string, and returns it.
    [[nodiscard]] read_result take(std::string_view name);

    enum class renamed : std::uint8_t { done, absent, taken };
    /// Puts what is at `from` under `to` too, or, with `ends`, in its place: then the old name has
    /// ended as by a logout, and its user goes along. `replaces`: whatever is at `to`.
    [[nodiscard]] task<result<renamed>> copy(std::string_view from, std::string_view to,
                                             bool replaces, bool ends);

    [[nodiscard]] task<result<store::touched>> touch(std::string_view name, store::touching how);
    /// The same if that can be done without a wait, as `write_now`; whatever version is there.
    [[nodiscard]] std::optional<result<store::touched>> touch_now(std::string_view name,
                                                                  const store::touching& how);

    [[nodiscard]] task<result<store::page>> scan(store::cursor from, std::size_t count);

  private:
    /// A save of a session under way.
    struct saving {
        store::record_id id;
        std::string_view name;
        save what;
        std::optional<std::uint64_t> mark;  ///< the reading that the data itself names
    };
    /// The readings that a save may be based on: each as data, as a sighting, and where it stands
    /// among the open ones.
    struct candidates {
        bases from;
        std::vector<sighting> seen;
        std::vector<std::size_t> places;
    };
    static constexpr std::size_t not_open = sightings::open_most;

    [[nodiscard]] task<result<store::change>> put(store::record_id id, std::string_view name,
                                                  save what, store::expectation on);
    [[nodiscard]] task<result<saved>> keep(std::string_view name, save what,
                                           std::optional<store::record>* former);
    [[nodiscard]] std::optional<result<saved>> keep_now(std::string_view name,
                                                        std::string_view data, steady_time expires);
    void tell_of_save(std::string_view name, steady_time expires);
    [[nodiscard]] task<result<saved>> write_plain(std::string_view name, save what,
                                                  std::optional<store::record>* former);
    /// Keeps it where nothing is, if it is the client's turn.
    [[nodiscard]] task<result<saved>> lock(std::string_view name, save what);
    [[nodiscard]] task<result<saved>> write_session(saving one,
                                                    std::optional<store::record>* former);
    /// Where nobody is, and there was an end at `end`; nothing: somebody has come.
    [[nodiscard]] task<result<std::optional<saved>>> begin(saving& one, store::version end);
    /// Over what is there; nothing: it has changed meanwhile.
    [[nodiscard]] task<result<std::optional<saved>>> settle(saving& one,
                                                            const store::record& there);
    [[nodiscard]] candidates candidates_of(const saving& one) const;
    [[nodiscard]] settlement settle_by(const saving& one, const candidates& all,
                                       const store::record& there);
    void note_base(const saving& one, const settlement& by, const candidates& all,
                   store::version kept);
    void note_begun(const saving& one, store::version kept);
    /// What is to be kept, with all that the namespace's terms say of it; nothing: it is too large.
    [[nodiscard]] std::optional<store::record> record_of(std::string_view name, save what) const;
    [[nodiscard]] saved note_dropped(store::record_id id);
    [[nodiscard]] saved note_unchanged(store::record_id id, std::string_view name,
                                       const record_event& told);
    void note_changed(store::record_id id, std::string_view name, store::version kept,
                      const record_event& told);
    [[nodiscard]] task<result<bool>> end_emptied(store::record_id id, std::string_view name,
                                                 store::version seen, const record_event& last);
    void tell_of_touch(std::string_view name, const store::touching& how);
    [[nodiscard]] std::optional<result<saved>> write_plain_now(store::record_id id,
                                                               std::string_view name,
                                                               std::string_view data,
                                                               steady_time expires);
    [[nodiscard]] std::optional<result<saved>> write_session_now(store::record_id id,
                                                                 std::string_view name,
                                                                 std::string_view data,
                                                                 steady_time expires);
    std::optional<result<saved>> note_revised(const std::optional<result<store::revised>>& done);
    void count(const settlement& by);
    [[nodiscard]] bool is_full(const error& why) const;
    [[nodiscard]] static error too_large() {
        return {errc::invalid, "name and value are larger than `record-bytes` allows"};
    }
    [[nodiscard]] bool is_over(store::record_id id, store::version end, bool has_mark) const;
    /// A request that has read is done with the session.
    void leave(store::record_id id);
    void forget(store::record_id id, std::string_view name);
    store::record hand_out(store::record_id id, store::record found);

    [[nodiscard]] std::chrono::milliseconds remembered(std::string_view name) const {
        return terms_->is_session(name) ? terms_->end_remembered : std::chrono::milliseconds(0);
    }

    store::store& store_;
    std::shared_ptr<name_space> in_;
    std::shared_ptr<const terms> terms_;
    std::int64_t number_;
    std::string called_;
    sightings seen_;
    save_meter meter_;
    store::durability unsettled_ = store::durability::memory;
    /// By name, the locks that it has asked for, and their values as far as it has got them.
    std::map<std::string, std::optional<std::string>> locks_;
};

}  // namespace hawser::sessions
