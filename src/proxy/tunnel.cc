// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <algorithm>

#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

tunnel::tunnel(io::stream& client, io::stream& server, std::chrono::milliseconds idle,
               stop_source& around)
    : client_(client),
      server_(server),
      idle_(idle),
      stop_(around),
      interruption_(static_cast<stop_source&>(stop_)),
      conditions_{.stop = &stop_},
      pumps_(conditions_),
      last_bytes_(loop::current().now().steady) {}

void tunnel::say_goodbye_at(stop_source& due, const leaver& leaves,
                            const http::websocket_frames& so_far) {
    frames_ = so_far;
    leaves_ = &leaves;
    is_leaving_ = due.is_stopped();
    if (!is_leaving_) listen_to(&due);
}

void tunnel::stopped() noexcept {
    is_leaving_ = true;
    interruption_.stop();
}

task<> tunnel::run() {
    pumps_.spawn(pump_up());
    pumps_.spawn(pump_down());
    co_await pumps_.join();
    // Stopped from outside: the client was reset, or must go. No end in order for the server
    // either.
    if (ended_by_.empty()) server_.reset_on_close();
}

/// Bytes in either direction keep both alive.
steady_time tunnel::due() const noexcept {
    const steady_time silent = last_bytes_ + idle_;
    if (half_closed_ == no_deadline) return silent;
    return std::min(silent, half_closed_ + limits::half_closed_time);
}

task<> tunnel::pump_up() {
    for (;;) {
        auto lent = co_await with_deadline_at(due(), client_.read());
        if (!lent && goes_on_after(lent.error(), server_, "client-ended")) continue;
        if (!lent) co_return;
        const std::string_view bytes(lent->data(), lent->size());
        if (!co_await pass_on(server_, bytes, to_server_)) co_return;
    }
}

task<> tunnel::pump_down() {
    for (;;) {
        const bool is_due = is_leaving_ && frames_ && frames_->is_between() && !has_said_goodbye_;
        if (is_due && !co_await say_goodbye()) co_return;
        stop_source& until = is_leaving_ ? stop_ : interruption_;
        auto lent = co_await with_stop(until, with_deadline_at(due(), server_.read()));
        if (!lent && goes_on_after(lent.error(), client_, "server-ended")) continue;
        if (!lent) co_return;
        const auto bytes = due_for_client({lent->data(), lent->size()});
        if (!co_await pass_on(client_, bytes, to_client_)) co_return;
    }
}

/// Nothing follows a Close of ours, and when it is due, nothing goes before it but the rest of a
/// frame.
std::string_view tunnel::due_for_client(std::string_view bytes) noexcept {
    if (has_said_goodbye_) return {};
    if (!frames_) return bytes;
    if (is_leaving_) return bytes.substr(0, frames_->take_frame(bytes));
    frames_->take(bytes);
    return bytes;
}

/// The client's answer reaches the server as any frame does, so that both hear why.
task<bool> tunnel::say_goodbye() {
    has_said_goodbye_ = true;
    const goodbye& why = *leaves_->said();
    ended_by_ = why.word;
    half_closed_ = loop::current().now().steady;
    co_return co_await pass_on(client_, why.close, to_client_);
}

task<bool> tunnel::pass_on(io::stream& to, std::string_view bytes, std::uint64_t& moved) {
    last_bytes_ = loop::current().now().steady;
    if (bytes.empty()) co_return true;
    moved += bytes.size();
    auto sent = co_await with_idle_limit(idle_, to.write(io::pieces(bytes)));
    last_bytes_ = loop::current().now().steady;
    if (!sent) end(sent.error().code == errc::timed_out ? "write-timeout" : "reset");
    co_return sent.has_value();
}

/// A read has failed: whether to read again. If not, this direction is over, `side` having ended
/// it, or the tunnel.
bool tunnel::goes_on_after(const error& why, io::stream& to, std::string_view side) {
    switch (why.code) {
        case errc::timed_out:
            if (loop::current().now().steady < due()) return true;
            end(half_closed_ == no_deadline ? "idle" : "half-closed");
            return false;
        case errc::cancelled: return !stop_.is_stopped();  // interrupted, to say goodbye
        case errc::end_of_stream:
            to.shut_down_writing();
            if (ended_by_.empty()) ended_by_ = side;
            if (half_closed_ == no_deadline) half_closed_ = loop::current().now().steady;
            return false;
        default: end("reset"); return false;
    }
}

/// A failure of one side ends the other at once.
void tunnel::end(std::string_view why) noexcept {
    const bool is_reset = why == "reset";
    if (is_reset || !has_said_goodbye_) ended_by_ = why;
    if (is_reset) {
        client_.reset_on_close();
        server_.reset_on_close();
    }
    stop_.stop();
}

}  // namespace hawser::proxy
