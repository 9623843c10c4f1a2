// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affinity/binding.h"
#include "affinity/finding.h"
#include "affinity/if_missing.h"
#include "affinity/session_key.h"
#include "affinity/token_memo.h"
#include "base/clock.h"

namespace hawser::http {
struct request_head;
struct response_head;
}  // namespace hawser::http
namespace hawser::io {
class ip_address;
}
namespace hawser::tls {
struct facts;
}

namespace hawser::affinity {

/// A request as affinities look at it.
struct asking {
    const http::request_head& head;
    const io::ip_address& client;  ///< who asks, as far as the listener believes it
    /// The address that the client has connected to, where an affinity wants it.
    const io::ip_address& server;
    const tls::facts* secured;  ///< null: in clear
    wall_time now;
    token_memo& memo;
    std::string_view listener = {};  ///< the name of that by which it came
};

/// What one affinity finds in a request.
struct sighting {
    session_key key;  ///< empty: it names no session
    /// That the key is empty; beside one, what of it could not be used.
    cause why = cause::no_key;
    std::optional<binding> carried;  ///< by the client, verified; only beside a key
    std::optional<session_key> lapsed = std::nullopt;  ///< see `finding::lapsed`
    /// Where the session is at home by the word of whoever made the key: unproven, so it counts
    /// only while nobody knows better.
    server_id advised = no_server_id;
    /// What the client is like, where its mark is to tell.
    std::optional<likeness> like = std::nullopt;

    [[nodiscard]] static sighting of(const session_key& one) {
        return {.key = one, .why = cause::none, .carried = std::nullopt};
    }
    [[nodiscard]] static sighting nothing(cause why) {
        return {.key = {}, .why = why, .carried = std::nullopt};
    }
};

/// A server's answer, and what is known of the session that it belongs to.
struct answering {
    const http::response_head& head;
    const finding& found;
    const binding& home;
    wall_time now;
    bool is_over = false;  ///< the session is, by its server's word
    /// By its server's word the client that shows it is its own, whatever it is like.
    bool is_accepted = false;
};

/// A key by which the server names the session from now on.
struct lesson {
    session_key key;
    bool renames = false;  ///< it takes the place of the key that the session was found by
};

/// What comes of an answer.
struct reply {
    std::string& lines;  ///< complete field lines of ours that the client gets, CRLF included
    /// The lines tell the client of its session, so whoever answers keeps shared caches off
    /// (`Cache-Control: private`, E157) and puts them behind the server's own Set-Cookie lines
    /// (E158), whatever the status.
    bool carries_mark = false;
    /// What the client is told leads to the session without any other key.
    bool names_session = false;
    /// By its server's word the session is over.
    bool ends = false;
    /// The server's Set-Cookie lines of this name stand in `lines` instead; empty: none do.
    std::string_view replaced_cookie = {};
    std::vector<lesson> learned = {};
};

/// How long bindings last: `idle` counts from the last request, `absolute` from the first. Zero:
/// as long as the registry says.
struct lifetime {
    std::chrono::seconds idle{0};
    std::chrono::seconds absolute{0};
};

/// One way to find a session's key in a request and, if there is one to be given, to give it.
///
/// Two questions, in the order of a request: which session is this, and what is to be said or
/// learned with the answer? Nothing here decides the home: the registry does. Sans-I/O, time is
/// handed in. An object belongs to one worker, one pool and one kind of listener (plain or TLS).
class affinity {
  public:
    /// What a kind is like, settled when it is made.
    struct nature {
        std::string_view kind;
        if_missing missing = if_missing::next;
        /// Many clients may show one key: it tells where they are at home, not who they are.
        bool is_of_a_crowd = false;
        /// Its key was verified to be that of whoever shows it: somebody has logged in.
        bool proves = false;
        /// Affinities whose values have one name: what each of them finds is the same key.
        std::uint64_t scope = 0;
        /// A client without a session gets a mark of ours.
        bool issues = false;
        /// Servers give out what it finds, in answers of theirs.
        bool learns = false;
        /// What it finds says who the user is, on whatever device.
        bool names_user = false;
        bool wants_destination = false;  ///< `asking::server` is looked up
        /// Removed from what the server sees, every copy (E152); empty: none.
        std::string hidden_cookie = {};
        /// Whose value has a mark of ours before it, which the server does not see; empty: none.
        std::string marked_cookie = {};
        /// Parameters of path and query whose values no log may tell.
        std::vector<std::string> secret_parameters = {};
        lifetime lasts = {};
    };

    explicit affinity(nature is);
    virtual ~affinity() = default;

    [[nodiscard]] const nature& is() const { return nature_; }
    /// Of its kind, see `kind_number`.
    [[nodiscard]] std::uint8_t number() const { return number_; }

    /// The key in `found` is one of ours, by whichever affinity of our scope it was shown.
    [[nodiscard]] bool has_led(const finding& found) const {
        return found.led_by == this || (found.led_by != nullptr && nature_.scope != 0 &&
                                        found.led_by->nature_.scope == nature_.scope);
    }

    /// What the request shows. Whatever the client sent, this is never an error.
    [[nodiscard]] virtual sighting find(const asking& who) = 0;

    /// Looks at the answer on its way to the client: learns what the server says of the session,
    /// and gives the client its mark if that must change or is due for renewal.
    virtual void answer(const answering& what, reply& into);

  private:
    nature nature_;
    std::uint8_t number_;
};

}  // namespace hawser::affinity
