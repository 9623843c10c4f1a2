// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "affinity/binding.h"
#include "affinity/fingerprint.h"
#include "affinity/session_key.h"
#include "base/limits.h"

namespace hawser::affinity {

class affinity;

/// Keys of one request, in order, never on the heap.
class key_list {
  public:
    void add(const session_key& one) { all_[size_++] = one; }
    /// Takes the first one out.
    session_key take_first();
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::span<const session_key> all() const { return {all_.data(), size_}; }

  private:
    std::size_t size_ = 0;
    std::array<session_key, limits::affinity_chain_max> all_;
};

/// Which session a request belongs to, as its pool's chain of affinities has found.
struct finding {
    /// The session's key and id. Where the request shows no key, they are those of a session that
    /// begins with it; the key is empty if nobody could ever show it.
    session_key key;
    session_id session;
    /// The binding that the client carries, verified and within its limits.
    std::optional<binding> carried;
    /// Why no known session was found: no_key, unknown_key, forged, foreign, expired, ... `none`
    /// beside a session that is known, or whose binding the client carries.
    cause why = cause::none;
    /// A mark verified but is past its idle limit: the key that it names. A session with a request
    /// or a tunnel in flight is not idle, so if the registry holds this key busy, the session goes
    /// on under it, and its binding is the registry's.
    std::optional<session_key> lapsed;
    /// Another key than that of what is carried names the session. Then the client's binding only
    /// tells whether its mark must change.
    bool is_led_by_another = false;
    /// The affinity that has found `key`; null: none, it is new.
    const affinity* led_by = nullptr;
    /// A hash of the key that says who the user is; 0: none does.
    std::uint64_t user = 0;
    /// One of the keys was verified to be that of whoever shows it.
    bool is_proven = false;
    /// A key had to be there and is not.
    bool is_refused = false;
    /// What the client showed that could not be used, and the kind that says so; `none`: nothing.
    cause invalid = cause::none;
    std::string_view invalid_for = {};
    /// Keys beside `key` that name the same session from now on.
    key_list others = {};
    /// What its client is like, where marks of ours tell.
    std::optional<likeness> like = std::nullopt;
    /// The session is new here, but others of its client's crowd live on this server, or its key
    /// says that it does.
    server_id advised = no_server_id;

    /// The binding of a session that begins now and has no home yet.
    [[nodiscard]] binding begin(wall_time now) const {
        binding made;
        made.session = session;
        made.born = made.issued = seconds_of(now);
        return made;
    }

    /// Who shows the session's mark is taken for another client than it was given to.
    [[nodiscard]] bool is_doubted() const {
        return like && !like->doubted.empty() && brought() != nullptr;
    }

    /// The carried binding, if it is that of the session.
    [[nodiscard]] const binding* brought() const {
        return carried && !is_led_by_another ? &*carried : nullptr;
    }
};

}  // namespace hawser::affinity
