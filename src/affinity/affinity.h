// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "affinity/binding.h"
#include "affinity/session_key.h"
#include "affinity/token_memo.h"
#include "base/clock.h"

namespace hawser::http {
struct request_head;
struct response_head;
}  // namespace hawser::http

namespace hawser::affinity {

/// Which session a request belongs to.
struct finding {
    /// The session's key and id. A request that shows no valid mark gets a new id here, so both
    /// are set whatever the client sent; `carried` tells the two cases apart.
    session_key key;
    session_id session;
    /// The binding that the client carries, verified and within its limits.
    std::optional<binding> carried;
    /// Why `carried` is empty: no_key, forged, foreign or expired. `none` beside a binding.
    cause why = cause::none;
    /// The mark verified but is past its idle limit: the key that it names. A session with a
    /// request or a tunnel in flight is not idle, so if the registry holds this key busy, the
    /// session goes on under it, and its binding is the registry's.
    std::optional<session_key> lapsed;
    /// The server's answer sets a cookie of our name, so the client is told anew (E158).
    bool overwritten = false;

    /// The binding of a session that begins now and has no home yet.
    [[nodiscard]] binding begin(wall_time now) const {
        binding made;
        made.session = session;
        made.born = made.issued = seconds_of(now);
        return made;
    }

    /// Goes on with the session that `lapsed` names, as the registry knows it to be busy.
    void resume() {
        if (!lapsed) return;
        key = *lapsed;
        why = cause::none;
    }
};

/// How long bindings last: `idle` counts from the last request, `absolute` from the first.
struct lifetime {
    std::chrono::seconds idle;
    std::chrono::seconds absolute;
};

/// How a session key is found in a request and, if we issue it, given to the client.
///
/// Two questions, in the order of a request: which session is this, and how does the client learn
/// of its home? Nothing here decides the home: the registry does. Sans-I/O, time is handed in. An
/// object belongs to one worker, one pool and one kind of listener (plain or TLS).
class affinity {
  public:
    /// `cookie_name` is the cookie that this affinity gives; empty: none.
    affinity(const lifetime& lasts, std::string cookie_name)
        : lasts_(lasts), cookie_name_(std::move(cookie_name)) {}
    virtual ~affinity() = default;

    /// The limits that the registry keeps too.
    [[nodiscard]] const lifetime& lasts() const { return lasts_; }

    [[nodiscard]] const std::string& cookie_name() const { return cookie_name_; }

    /// Whether the server's answer sets a cookie of our name: `finding::overwritten`.
    [[nodiscard]] bool is_overwritten_by(const http::response_head& answer) const;

    /// Which session `head` belongs to. Whatever the client sent, this is never an error.
    [[nodiscard]] virtual finding find(const http::request_head& head, wall_time now,
                                       token_memo& memo) = 0;

    /// Tells the client of `home` if its mark must change or is due for renewal: appends at most
    /// one complete field line, CRLF included. True if it did; then whoever answers also keeps
    /// shared caches off (`Cache-Control: private`, E157) and puts the line after the server's own
    /// Set-Cookie lines (E158), whatever the status.
    virtual bool give(const finding& found, const binding& home, wall_time now,
                      std::string& field_lines) = 0;

    /// The cookie that is removed from what the server sees, every copy (E152); empty: none.
    [[nodiscard]] virtual std::string_view stripped_cookie() const = 0;

  private:
    lifetime lasts_;
    std::string cookie_name_;
};

}  // namespace hawser::affinity
