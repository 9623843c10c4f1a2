// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "async/stop.h"
#include "sessions/audience.h"
#include "store/resp/reply.h"

namespace hawser::sessions::resp {

/// What one client of the door listens to, and what it was told of that and has not taken yet.
///
/// A client that takes too little is cut off, as a gap would be worse; what waits for it is
/// bounded.
class subscriber final : public hearer {
  public:
    /// Client `number`, which is in the namespace of `in`, until `door_leaves`.
    subscriber(std::int64_t number, audience& in, stop_source& door_leaves)
        : number_(number), in_(in), over_(door_leaves), backlog_(in.of()) {}
    ~subscriber();
    subscriber(const subscriber&) = delete;
    subscriber& operator=(const subscriber&) = delete;

    /// From now on it listens to that too; false: it would be more than a client may.
    [[nodiscard]] bool add(listening what, std::string_view name);
    void remove(listening what, std::string_view name);
    [[nodiscard]] const std::set<std::string, std::less<>>& all(listening what) const {
        return what == listening::channel ? channels_ : patterns_;
    }
    [[nodiscard]] std::size_t count() const { return channels_.size() + patterns_.size(); }

    void hear(const message& said, const std::string* pattern) override;
    void miss() override;

    /// What it hears is written in that form.
    void set_protocol(store::resp::protocol form) { told_.set_protocol(form); }
    /// What it has heard, to be sent; tell by `note_sent` how much of it was.
    [[nodiscard]] std::string take();
    void note_sent(std::size_t bytes);

    /// Stops when it is cut off, and with the door.
    [[nodiscard]] stop_source& over() noexcept { return over_; }
    /// The same, and once it has heard something from now on.
    [[nodiscard]] stop_source& over_or_news();
    [[nodiscard]] bool has_news() const { return !told_.bytes().empty(); }

  private:
    void note_waiting(std::size_t bytes);

    std::int64_t number_;
    audience& in_;
    linked_stop_source over_;
    std::optional<linked_stop_source> news_;
    std::set<std::string, std::less<>> channels_;
    std::set<std::string, std::less<>> patterns_;
    std::size_t names_bytes_ = 0;
    store::resp::reply told_;
    std::size_t unsent_ = 0;   ///< of what was taken
    std::size_t waiting_ = 0;  ///< as the namespace knows it
    backlog backlog_;
};

}  // namespace hawser::sessions::resp
