// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "sessions/name_space.h"
#include "sessions/sightings.h"
#include "store/store.h"

namespace hawser::sessions {

/// What a client wants to keep under a name.
struct save {
    std::string data;
    steady_time expires = no_deadline;
    store::expectation::kind on = store::expectation::kind::any;
};

enum class saved : std::uint8_t {
    kept,
    differs,  ///< what is there is not what it insisted on
    dropped,  ///< based on a read before the session's end: the end is final (T2)
};

/// One client's dealings with one namespace, whatever the door: records by name, the namespace's
/// terms kept. Remembers which versions the client has seen, so that a save of a session that has
/// ended since is told from one that begins it anew.
///
/// Names are views that outlive the call.
class client {
  public:
    client(store::store& kept, std::shared_ptr<name_space> in, std::shared_ptr<const terms> by)
        : store_(kept), in_(std::move(in)), terms_(std::move(by)) {}

    /// From now on by these terms.
    void set_terms(std::shared_ptr<const terms> by) { terms_ = std::move(by); }
    [[nodiscard]] name_space& in() const { return *in_; }

    /// With `sees`, a session's idle time begins anew.
    [[nodiscard]] task<result<std::optional<store::record>>> read(std::string_view name, bool sees);

    [[nodiscard]] task<result<saved>> write(std::string_view name, save what);

    /// Reads, lets `decide` look at what is there (null: nothing), and puts in its place what it
    /// says, if it says anything. Whoever comes between makes it look again. `decide` outlives the
    /// call.
    using decision = std::function<std::optional<save>(const store::record*)>;
    [[nodiscard]] task<result<saved>> change(std::string_view name, const decision& decide);

    /// False: nobody was there.
    [[nodiscard]] task<result<bool>> end(std::string_view name);

    /// Ends what is there, if its value is `value`: whoever frees a lock frees only its own.
    [[nodiscard]] task<result<bool>> end_if(std::string_view name, std::string_view value);
    /// Has it end at `expires`, if its value is `value`.
    [[nodiscard]] task<result<bool>> touch_if(std::string_view name, std::string_view value,
                                              steady_time expires);

    /// Ends what is there, and returns it.
    [[nodiscard]] task<result<std::optional<store::record>>> take(std::string_view name);

    [[nodiscard]] task<result<store::touched>> touch(std::string_view name, store::touching how);

    [[nodiscard]] task<result<store::page>> scan(store::cursor from, std::size_t count);

  private:
    [[nodiscard]] task<result<store::change>> put(store::record_id id, std::string_view name,
                                                  save what, store::expectation on);
    [[nodiscard]] std::chrono::milliseconds remembered(std::string_view name) const {
        return terms_->is_session(name) ? terms_->end_remembered : std::chrono::milliseconds(0);
    }

    store::store& store_;
    std::shared_ptr<name_space> in_;
    std::shared_ptr<const terms> terms_;
    sightings seen_;
};

}  // namespace hawser::sessions
