// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "sessions/api/setup.h"
#include "sessions/document.h"
#include "store/store.h"

namespace hawser::sessions::api {

/// Why something is not done, as an HTTP status and a text.
struct problem {
    unsigned status = 0;
    std::string why = {};
};
template <typename Value>
using answer = std::expected<Value, problem>;

/// What somebody asks of a session; what is left out stays.
struct wish {
    std::optional<document> data = {};
    std::optional<std::string> user = {};
    std::optional<std::chrono::seconds> expires_in = {};
    std::optional<bool> valuable = {};  ///< worth more than others, or not by this word any more
    std::optional<store::version> if_match = {};
};

/// A session, as it is shown.
struct shown {
    store::record record;
    std::string id = {};      ///< only of one that was created or renewed
    bool is_renewed = false;  ///< it was asked for by an id that was changed a moment ago
};

/// By what a record is known to people: part of its place, which is a keyed hash of its name.
inline constexpr std::size_t handle_size = 11;
[[nodiscard]] std::string handle_of_place(const std::array<std::uint64_t, 2>& place);

/// One namespace's sessions, worked with by id: what the JSON door can do, without the JSON.
///
/// Every change is made over the version that was looked at, in one step; who says which version
/// that is to be undoes nobody's change.
class book {
  public:
    book(store::store& kept, const tenancy& in, crypto::random_stock& chance)
        : store_(kept), in_(in), chance_(chance) {}

    /// A new one, under an id of 128 random bits (S1).
    [[nodiscard]] task<answer<shown>> create(wish what);
    [[nodiscard]] task<answer<shown>> read(std::string id);
    [[nodiscard]] task<answer<shown>> replace(std::string id, wish what);
    /// `what.data` is a merge patch (RFC 7396).
    [[nodiscard]] task<answer<shown>> patch(std::string id, wish what);
    [[nodiscard]] task<answer<shown>> touch(std::string id, wish what);
    /// Gives it a new id, in one step for everybody who looks (S5).
    [[nodiscard]] task<answer<shown>> renew(std::string id, wish what);
    [[nodiscard]] task<answer<std::size_t>> end(std::string id, wish what);

    [[nodiscard]] task<answer<std::vector<shown>>> list(std::string user);
    /// All of a user but `kept`, if that is one; how many there were.
    [[nodiscard]] task<answer<std::size_t>> end_all(std::string user, std::string kept);

    [[nodiscard]] std::vector<lock_table::shown> locks() const;

    /// By what a session is known to people, who must not see its id.
    [[nodiscard]] std::string handle_of(const store::record& one) const;
    [[nodiscard]] std::string handle_of_id(std::string_view id) const;
    /// The handle of the session that was begun or renewed here; empty: none was.
    [[nodiscard]] const std::string& last_made() const noexcept { return last_made_; }
    /// How many sessions were ended here; nothing: nobody wanted that.
    [[nodiscard]] std::optional<std::size_t> last_ended() const noexcept { return last_ended_; }
    /// Ends the session of that handle, if it is the user's.
    [[nodiscard]] task<answer<std::size_t>> end_by_handle(std::string user, std::string handle);

  private:
    using change_of = std::function<answer<store::record>(const store::record&)>;

    [[nodiscard]] store::record_id place_of(std::string_view id) const;
    [[nodiscard]] std::string draw_id();
    [[nodiscard]] task<answer<store::record>> find(store::record_id at, bool sees);
    /// Puts what `by` makes of what is there in its place; looks again when that has changed.
    [[nodiscard]] task<answer<shown>> change(std::string id, std::optional<store::version> if_match,
                                             change_of by);
    /// Ends what is at `old` once it is under that id as well.
    [[nodiscard]] task<answer<store::change>> move_to(store::record_id old, std::string id,
                                                      wish what);
    [[nodiscard]] task<answer<store::change>> put_new(std::string id, store::record what);
    /// Nothing when that is so now.
    [[nodiscard]] task<std::optional<problem>> claim(store::record_id at, std::uint64_t user);
    /// The same of a session that is `former`'s so far, at `from`; whose it stays if not.
    [[nodiscard]] task<std::optional<problem>> hand_over(store::record_id from,
                                                         std::uint64_t former, store::record_id at,
                                                         std::uint64_t user);
    void hand_back(store::record_id at, store::record_id to, std::uint64_t former);
    /// Ends the session of a user of which only the place is known.
    [[nodiscard]] task<result<store::change>> erase(store::record_id at);
    void tell_of_save(const store::record& kept, const wish& what);
    [[nodiscard]] std::chrono::milliseconds remembered() const;
    [[nodiscard]] answer<store::record> with(store::record there, const wish& what) const;

    store::store& store_;
    const tenancy& in_;
    crypto::random_stock& chance_;
    std::string last_made_;
    std::optional<std::size_t> last_ended_;
};

}  // namespace hawser::sessions::api
