// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "io/endpoint.h"
#include "io/stream.h"
#include "support/sim/fault.h"
#include "support/sim/timeline.h"

namespace hawser::sim {

/// What befalls the connections to an endpoint. Faults may be changed while a connection stands.
struct weather {
    bool refuses = false;   ///< nobody listens there
    bool swallows = false;  ///< connecting never ends
    bool stalls = false;    ///< bytes and ends stay on their way
    /// Both ends see a reset once so many bytes have arrived at the end that connected.
    std::size_t reset_after = std::numeric_limits<std::size_t>::max();
    std::size_t buffer = 0;        ///< bytes that one direction holds; 0: a random size
    std::optional<fault> trouble;  ///< of one operation
    io::path_state path = {};      ///< as both ends know it
};

/// A connection as the network knows it: two bounded streams of bytes, two ends. Lives as long as
/// an end or an event needs it.
///
/// End 0 has connected, end 1 was accepted. Like a kernel's: what came before a reset can still be
/// read, and closing with unread bytes is a reset.
class connection : public std::enable_shared_from_this<connection> {
  public:
    connection(timeline& time, weather& around, io::endpoint from, io::endpoint to)
        : time_(time), weather_(around), addresses_{from, to} {
        for (auto& way : ways_) way.room = around.buffer != 0 ? around.buffer : random_room();
    }

    [[nodiscard]] const io::endpoint& address(unsigned end) const { return addresses_[end]; }
    [[nodiscard]] io::path_state path() const { return weather_.path; }
    void attach(unsigned end, io::stream& there) { ends_[end] = &there; }
    [[nodiscard]] bool is_attached(unsigned end) const { return ends_[end] != nullptr; }

    ssize_t send(unsigned from, const io::pieces& what) {
        way& out = ways_[from];
        if (strikes(from)) return strike(from, -ECONNRESET, ssize_t(what.size()));
        if (is_stalled_) return -EAGAIN;
        if (is_reset_[from]) return -ECONNRESET;
        if (out.end_sent) return -EPIPE;
        if (is_deserted_[from]) {
            time_.after(latency(), [self = shared_from_this(), from] { self->reset(from); });
            return ssize_t(what.size());
        }
        std::size_t sent = 0;
        for (const auto view : what.views()) {
            const std::size_t here = std::min(view.size(), out.space());
            out.moving.append(view.substr(0, here));
            sent += here;
        }
        if (sent < what.size()) out.is_sender_waiting = true;
        if (sent > 0) set_moving(from);
        return sent == 0 && what.size() > 0 ? -EAGAIN : ssize_t(sent);
    }

    ssize_t receive(unsigned at, std::span<char> into) {
        const ssize_t taken = look(at, into);
        if (taken <= 0) return taken;
        way& in = ways_[1 - at];
        in.arrived.erase(0, std::size_t(taken));
        if (std::exchange(in.is_sender_waiting, false)) {
            time_.after(latency(), [self = shared_from_this(), sender = 1 - at] {
                self->tell(sender, {.writable = true});
            });
        }
        return taken;
    }

    /// The bytes that `receive` would take.
    ssize_t look(unsigned at, std::span<char> into) {
        const way& in = ways_[1 - at];
        if (strikes(at)) return strike(at, -ECONNRESET, 0);
        if (is_stalled_) return -EAGAIN;
        if (in.arrived.empty()) {
            if (is_reset_[at]) return -ECONNRESET;
            return in.end_arrived ? 0 : -EAGAIN;
        }
        const std::size_t seen = std::min(into.size(), in.arrived.size());
        std::memcpy(into.data(), in.arrived.data(), seen);
        return ssize_t(seen);
    }

    [[nodiscard]] bool has_input(unsigned at) const {
        const way& in = ways_[1 - at];
        return !in.arrived.empty() || in.end_arrived || is_reset_[at];
    }

    void shut_down_writing(unsigned from) {
        ways_[from].end_sent = true;
        set_moving(from);
    }

    void close(unsigned end, bool with_reset) {
        ends_[end] = nullptr;
        if (!with_reset && ways_[1 - end].arrived.empty()) return shut_down_writing(end);
        ways_[end].moving.clear();
        time_.after(latency(), [self = shared_from_this(), end] { self->reset(1 - end); });
    }

    /// Whether the operation that is tried at `end` is the one that fails.
    bool strikes(unsigned end) { return weather_.trouble && weather_.trouble->strikes(end); }
    [[nodiscard]] fault::kind trouble() const { return weather_.trouble->what; }

    /// Sets going again what a change of weather may have let go.
    void resume() {
        set_moving(0);
        set_moving(1);
    }

    void tell(unsigned end, io::stream::readiness what) {
        if (ends_[end] != nullptr) ends_[end]->notice(what);
    }

    [[nodiscard]] steady_time::duration latency() {
        return std::chrono::microseconds(time_.between(10, 500));
    }

  private:
    struct way {
        std::string moving;   ///< sent, not there yet
        std::string arrived;  ///< not read yet
        std::size_t room = 0;
        bool is_under_way = false;  ///< an event will bring something
        bool is_sender_waiting = false;
        bool end_sent = false;
        bool end_arrived = false;

        [[nodiscard]] std::size_t space() const { return room - moving.size() - arrived.size(); }
    };

    std::size_t random_room() { return std::size_t(1) << time_.between(10, 17); }

    /// What the operation that fails at `end` answers; the rest happens a little later.
    ssize_t strike(unsigned end, ssize_t with_reset, ssize_t with_end) {
        if (trouble() == fault::kind::stall) {
            is_stalled_ = true;
            return -EAGAIN;
        }
        for (auto& way : ways_) {
            way.moving.clear();
            way.arrived.clear();
        }
        const bool is_reset = trouble() == fault::kind::reset;
        is_reset_[1 - end] = true;
        is_reset_[end] = is_reset;
        is_deserted_[end] = ways_[1 - end].end_arrived = !is_reset;
        time_.after(latency(), [self = shared_from_this(), end, is_reset] {
            self->reset(1 - end);
            if (is_reset) return self->reset(end);
            self->tell(end, {.readable = true, .peer_ended = true});
        });
        return is_reset ? with_reset : with_end;
    }

    void set_moving(unsigned from) {
        const bool anything = !ways_[from].moving.empty() || ways_[from].end_sent;
        if (!anything || std::exchange(ways_[from].is_under_way, true)) return;
        time_.after(latency(), [self = shared_from_this(), from] { self->arrive(from); });
    }

    void arrive(unsigned from) {
        way& in = ways_[from];
        in.is_under_way = false;
        const unsigned to = 1 - from;
        if (weather_.stalls || is_stalled_ || is_reset_[to] || in.end_arrived) return;
        if (!is_attached(to)) {
            // Whatever comes to a closed end is answered by a reset.
            if (!in.moving.empty()) reset(from);
            return;
        }
        if (!in.moving.empty()) deliver(in, to);
        if (is_reset_[to]) return;
        in.end_arrived = in.moving.empty() && in.end_sent;
        if (!in.moving.empty()) set_moving(from);
        tell(to, {.readable = true, .peer_ended = in.end_arrived});
    }

    void deliver(way& in, unsigned to) {
        const std::size_t left = to == 0 ? weather_.reset_after - received_ : in.moving.size();
        const std::size_t size = std::min(left, time_.between(1, in.moving.size()));
        in.arrived.append(in.moving, 0, size);
        in.moving.erase(0, size);
        if (to == 1) return;
        received_ += size;
        if (received_ < weather_.reset_after) return;
        reset(1);
        reset(0);
    }

    void reset(unsigned end) {
        is_reset_[end] = true;
        tell(end, {.readable = true, .writable = true, .peer_ended = true, .reset = true});
    }

    timeline& time_;
    weather& weather_;
    std::array<io::endpoint, 2> addresses_;
    std::array<io::stream*, 2> ends_{};
    std::array<way, 2> ways_;
    std::array<bool, 2> is_reset_{};
    std::array<bool, 2> is_deserted_{};  ///< the other end is gone and will not answer
    bool is_stalled_ = false;
    std::size_t received_ = 0;  ///< bytes that arrived at end 0
};

}  // namespace hawser::sim
