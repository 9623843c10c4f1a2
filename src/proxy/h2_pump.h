// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>

#include "async/event.h"
#include "async/stop.h"
#include "async/task.h"
#include "base/clock.h"
#include "http/h2/session.h"
#include "io/stream.h"

namespace hawser::proxy {

/// Carries the frames of one HTTP/2 session over its connection: one coroutine that never stops
/// taking them, and one that sends them.
///
/// The session in between only holds state. Whoever changes what is to be sent says
/// `has_to_send`.
class h2_pump {
  public:
    /// Whose connection it is, and what follows from what happens on it.
    class owner {
      public:
        /// Streams may have stirred: bytes have come for them, or room has appeared.
        virtual void look_at_streams() = 0;
        /// Frames were read, and the streams looked at.
        virtual void took_frames() = 0;
        /// Until when more must come; where nothing presses, when to look again.
        [[nodiscard]] virtual steady_time due() const = 0;
        /// Nothing came until then.
        virtual void run_out_of_time() = 0;
        /// How long the peer may take nothing.
        [[nodiscard]] virtual std::chrono::milliseconds write_patience() const = 0;

      protected:
        ~owner() = default;
    };

    /// Writes into `room` from one wait to the next.
    h2_pump(http::h2::session& session, io::stream& over, std::span<char> room, owner& of)
        : session_(session), stream_(over), room_(room), owner_(of) {}
    h2_pump(const h2_pump&) = delete;
    h2_pump& operator=(const h2_pump&) = delete;

    void has_to_send() noexcept { to_send_.set(); }
    void take(std::span<const char> bytes);
    /// When the head began that has not come whole yet.
    [[nodiscard]] steady_time head_began() const noexcept { return head_began_; }

    /// Takes frames until the session has a fault or `until` stops; fails when the peer has ended
    /// the connection.
    [[nodiscard]] task<result<>> read_frames(stop_source& until);
    /// Sends frames until it is stopped, or all are out after `finish`; fails when the peer takes
    /// no more.
    [[nodiscard]] task<result<>> write_frames();
    /// Nothing is added any more.
    void finish() noexcept {
        is_finishing_ = true;
        to_send_.set();
    }

  private:
    http::h2::session& session_;
    io::stream& stream_;
    std::span<char> room_;
    owner& owner_;
    event to_send_;
    steady_time head_began_{};
    bool is_finishing_ = false;
};

}  // namespace hawser::proxy
