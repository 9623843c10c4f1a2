// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

namespace {

bool is_end_of_server(const error& why) {
    return why.code != errc::timed_out && why.code != errc::cancelled;
}

}  // namespace

tunnel::tunnel(io::stream& client, io::stream& server, std::chrono::milliseconds idle,
               stop_source& around)
    : client_(client),
      server_(server),
      idle_(idle),
      stop_(around),
      interruption_(std::in_place, static_cast<stop_source&>(stop_)),
      conditions_{.stop = &stop_},
      pumps_(conditions_),
      last_bytes_(loop::current().now().steady) {}

void tunnel::say_goodbye_at(stop_source& due, const leaver& leaves,
                            const http::websocket_frames& so_far) {
    frames_ = so_far;
    leaves_ = &leaves;
    word_ = leaves.said();
    if (word_ == nullptr) listen_to(&due);
}

void tunnel::stopped() noexcept { leave(*leaves_->said()); }

/// The first reason counts.
void tunnel::leave(const goodbye& why) noexcept {
    if (word_ == nullptr) word_ = &why;
    interrupt();
}

task<> tunnel::run() {
    pumps_.spawn(pump_up());
    pumps_.spawn(pump_down());
    co_await pumps_.join();
    if (!ended_by_.empty()) co_return;
    // Stopped from outside: the client was reset, or must go. No end in order for the server
    // either.
    server_.reset_on_close();
    const goodbye* const why = leaves_ != nullptr ? leaves_->must_go() : nullptr;
    if (why == nullptr || !may_be_told()) co_return;
    scope unstopped;
    unstopped.spawn(say_last_word(*why));
    co_await unstopped.join();
}

/// Bytes in either direction keep both alive.
steady_time tunnel::due() const noexcept {
    const steady_time silent = last_bytes_ + idle_;
    if (half_closed_ == no_deadline) return silent;
    return std::min(silent, half_closed_ + limits::half_closed_time);
}

/// The other direction has a minute from now on, whatever it was waiting for.
void tunnel::half_close() noexcept {
    if (half_closed_ != no_deadline) return;
    half_closed_ = loop::current().now().steady;
    interrupt();
}

/// Whoever reads does so anew, by what counts now.
void tunnel::interrupt() noexcept {
    interruption_->stop();
    interruption_.emplace(static_cast<stop_source&>(stop_));
}

task<> tunnel::pump_up() {
    for (;;) {
        auto lent = co_await with_stop(*interruption_, with_deadline_at(due(), client_.read()));
        if (!lent && goes_on_after(lent.error(), server_, "client-ended")) continue;
        if (!lent) co_return;
        if (is_server_lost_) continue;  // until the client goes, too
        const std::string_view bytes(lent->data(), lent->size());
        if (!co_await pass_on(server_, bytes, to_server_) && !is_server_lost_) co_return;
    }
}

task<> tunnel::pump_down() {
    for (;;) {
        if (word_ != nullptr && may_be_told() && !co_await say_goodbye(*word_)) co_return;
        auto lent = co_await with_stop(*interruption_, with_deadline_at(due(), server_.read()));
        if (!lent && is_end_of_server(lent.error()) && is_parted_in_order())
            co_return co_await part_from_server(lent.error().code);
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
    if (word_ != nullptr) return bytes.substr(0, frames_->take_frame(bytes));
    frames_->take(bytes);
    return bytes;
}

/// The client of a WebSocket would take a Close of ours for its server's.
bool tunnel::may_be_told() const noexcept {
    return frames_ && frames_->is_between() && !has_said_goodbye_;
}

/// The client's answer reaches the server as any frame does, so that both hear why.
task<bool> tunnel::say_goodbye(const goodbye& why) {
    has_said_goodbye_ = true;
    ended_by_ = why.word;
    half_close();
    co_return co_await pass_on(client_, why.close.frame(), to_client_);
}

/// There is no time left for an answer, but closing over one would reset what the client has not
/// read yet.
task<> tunnel::say_last_word(const goodbye& why) {
    const steady_time end = loop::current().now().steady + limits::linger_time;
    const std::string_view frame = why.close.frame();
    ended_by_ = why.word;
    const auto told = co_await with_deadline_at(end, client_.write(io::pieces(frame)));
    if (!told) co_return;
    to_client_ += frame.size();
    client_.shut_down_writing();
    for (;;)
        if (!co_await with_deadline_at(end, client_.read())) co_return;
}

/// The client of a WebSocket stands between two frames: it can be told, and need not be cut off.
bool tunnel::is_parted_in_order() const noexcept { return frames_ && frames_->is_whole(); }

/// The server says nothing more. Its client hears why unless one of the two has said a Close, or
/// has ended it, before; and may go in order. Who has only ended its own side still hears the
/// client.
task<> tunnel::part_from_server(errc how) {
    is_server_lost_ = is_server_lost_ || how != errc::end_of_stream;
    half_close();
    if (ended_by_.empty()) {
        const goodbye& why = is_server_lost_ ? server_lost : server_left;
        ended_by_ = why.word;
        if (frames_->is_between() && !co_await pass_on(client_, why.close.frame(), to_client_))
            co_return;
    }
    client_.shut_down_writing();
}

/// Whoever reads from it sees that as well, and tells the client; if it only takes nothing there
/// is nothing to see.
void tunnel::lose_server(errc how) {
    is_server_lost_ = true;
    if (how != errc::timed_out) return;
    server_.reset_on_close();
    half_close();
    leave(server_stalled);
}

task<bool> tunnel::pass_on(io::stream& to, std::string_view bytes, std::uint64_t& moved) {
    last_bytes_ = loop::current().now().steady;
    if (bytes.empty()) co_return true;
    moved += bytes.size();
    auto sent = co_await with_idle_limit(idle_, to.write(io::pieces(bytes)));
    last_bytes_ = loop::current().now().steady;
    if (sent) co_return true;
    const errc why = sent.error().code;
    if (&to == &server_ && is_parted_in_order())
        lose_server(why);
    else
        end(why == errc::timed_out ? "write-timeout" : "reset");
    co_return false;
}

/// A read has failed: whether to read again. If not, this direction is over, `side` having ended
/// it, or the tunnel.
bool tunnel::goes_on_after(const error& why, io::stream& to, std::string_view side) {
    switch (why.code) {
        case errc::timed_out:
            if (loop::current().now().steady < due()) return true;
            if (half_closed_ == no_deadline && may_be_told()) {
                last_bytes_ = loop::current().now().steady;  // so long it has to answer
                if (server_.unsent() != 0)
                    lose_server(errc::timed_out);
                else
                    leave(tunnel_is_idle);
                return true;
            }
            end(half_closed_ == no_deadline ? "idle" : "half-closed");
            return false;
        case errc::cancelled: return !stop_.is_stopped();  // interrupted, to say goodbye
        case errc::end_of_stream:
            to.shut_down_writing();
            if (ended_by_.empty()) ended_by_ = side;
            half_close();
            return false;
        default: end("reset"); return false;
    }
}

/// A failure of one side ends the other at once.
void tunnel::end(std::string_view why) noexcept {
    const bool is_reset = why == "reset";
    const bool is_known = is_server_lost_ && !ended_by_.empty();
    if (!is_known && (is_reset || !has_said_goodbye_)) ended_by_ = why;
    if (is_reset) {
        client_.reset_on_close();
        server_.reset_on_close();
    }
    stop_.stop();
}

}  // namespace hawser::proxy
