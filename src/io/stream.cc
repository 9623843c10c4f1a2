// SPDX-License-Identifier: Apache-2.0
#include "io/stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ensure.h"
#include "io/layer.h"

namespace hawser::io {

std::size_t pieces::size() const {
    std::size_t total = 0;
    for (const auto view : views()) total += view.size();
    return total;
}

void pieces::advance(std::size_t bytes) {
    for (auto& view : std::span(views_.data(), count_)) {
        const std::size_t here = std::min(bytes, view.size());
        view.remove_prefix(here);
        bytes -= here;
    }
}

// ---- the wait -------------------------------------------------------------------------------

void stream_wait::await_suspend(std::coroutine_handle<> awaiting) {
    ensure(slot() == nullptr, "a stream has one reader and one writer at a time");
    waiting_ = awaiting;
    slot() = this;
    listen_to(conditions_->stop);
    stream_->hot_.take_back();
    renew();
}

void stream_wait::renew() noexcept {
    until_ = conditions_->wait_until(loop::current().now().steady);
    stream_->arm_for(until_);
}

void stream_wait::end(errc why) noexcept {
    ended_ = true;
    ended_by_ = why;
    wake();
}

void stream_wait::run() {
    // What came in the turn in which its time ended came in time.
    if (ended_ && ended_by_ == errc::timed_out)
        ended_ = !attempt();
    else if (!ended_ && !attempt())
        return;
    slot() = nullptr;
    ignore_stop();
    waiting_.resume();
}

// ---- reading --------------------------------------------------------------------------------

bool stream::read_wait::await_ready() {
    if (is_stopped()) {
        ended_ = true;
        ended_by_ = errc::cancelled;
        return true;
    }
    if (!stream_->readable_) return false;
    // One connection cannot hold a worker: it goes on after the others (E57).
    if (stream_->has_had_its_turn()) {
        loop::current().make_ready(*this);
        return false;
    }
    return attempt();
}

bool stream::read_wait::attempt() {
    if (!stream_->readable_) return false;
    const std::span<char> into = stream_->hot_.lend().first(std::min(limit_, limits::hot_buffer));
    received_ = stream_->receive(into);
    if (received_ == -EAGAIN) {
        stream_->readable_ = false;
        return false;
    }
    // A short read has drained the socket: the next bytes announce themselves.
    if (received_ > 0 && std::size_t(received_) < into.size() && !stream_->peer_ended_)
        stream_->readable_ = false;
    return true;
}

result<std::span<char>> stream::read_wait::await_resume() {
    if (ended_) return fail(ended_by_);
    if (received_ > 0) return stream_->hot_.lend().first(std::size_t(received_));
    if (received_ == 0) return fail(errc::end_of_stream);
    stream_->was_reset_ = true;
    return std::unexpected(system_error(int(-received_), "read"));
}

bool stream::peek_wait::await_ready() {
    ensure(known_ < limit_ && limit_ <= limits::hot_buffer, "there is more to be seen");
    if (is_stopped()) {
        ended_ = true;
        ended_by_ = errc::cancelled;
        return true;
    }
    return attempt();
}

bool stream::peek_wait::attempt() {
    if (!stream_->readable_) return false;
    seen_ = stream_->look(stream_->hot_.lend().first(limit_));
    const bool has_more = seen_ <= 0 ? seen_ != -EAGAIN : std::size_t(seen_) > known_;
    // Bytes that were seen before say nothing new, and their end is seen only behind them.
    if (has_more || (seen_ > 0 && stream_->peer_ended_)) return true;
    stream_->readable_ = false;
    return false;
}

result<std::span<char>> stream::peek_wait::await_resume() {
    stream_->readable_ = true;  // whatever was seen is still there
    if (ended_) return fail(ended_by_);
    if (seen_ < 0) {
        stream_->was_reset_ = true;
        return std::unexpected(system_error(int(-seen_), "read"));
    }
    if (std::size_t(seen_) <= known_) return fail(errc::end_of_stream);
    return stream_->hot_.lend().first(std::size_t(seen_));
}

ssize_t stream::look(std::span<char>) noexcept { return -EOPNOTSUPP; }

bool stream::has_had_its_turn() noexcept {
    const auto turn = std::uint32_t(loop::current().turn());
    if (std::exchange(turn_, turn) != turn) reads_in_turn_ = 0;
    return reads_in_turn_++ >= limits::reads_per_turn_max;
}

// ---- writing --------------------------------------------------------------------------------

bool stream::write_wait::await_ready() {
    if (is_stopped()) {
        ended_ = true;
        ended_by_ = errc::cancelled;
        return true;
    }
    ensure(stream_->unsent() == 0, "a write begins when the one before it is over");
    const std::size_t size = what_.size();
    const ssize_t sent = stream_->send(what_);
    if (sent < 0 && sent != -EAGAIN) {
        failure_ = int(-sent);
        return true;
    }
    if (sent > 0) what_.advance(std::size_t(sent));
    return sent > 0 ? std::size_t(sent) == size : size == 0;
}

void stream::write_wait::await_suspend(std::coroutine_handle<> awaiting) {
    stream_->keep_unsent(what_);
    stream_wait::await_suspend(awaiting);
}

bool stream::write_wait::attempt() {
    const ssize_t sent = stream_->send_unsent();
    if (sent == -EAGAIN) return false;
    if (sent < 0) {
        failure_ = int(-sent);
        return true;
    }
    if (stream_->unsent() == 0) return true;
    renew();
    return false;
}

result<> stream::write_wait::await_resume() {
    if (!ended_ && failure_ == 0) return {};
    stream_->unsent_.reset();
    stream_->unsent_begin_ = stream_->unsent_size_ = 0;
    if (ended_) return fail(ended_by_);
    stream_->was_reset_ = true;
    return std::unexpected(system_error(failure_, "write"));
}

void stream::keep_unsent(const pieces& what) {
    unsent_size_ = std::uint32_t(what.size());
    unsent_begin_ = 0;
    unsent_ = std::make_unique_for_overwrite<char[]>(unsent_size_);
    char* at = unsent_.get();
    for (const auto view : what.views()) at = std::copy(view.begin(), view.end(), at);
}

ssize_t stream::send_unsent() noexcept {
    const ssize_t sent = send(pieces(std::string_view(unsent_.get() + unsent_begin_, unsent())));
    if (sent > 0) unsent_begin_ += std::uint32_t(sent);
    if (unsent() == 0) {
        unsent_.reset();
        unsent_begin_ = unsent_size_ = 0;
    }
    return sent;
}

// ---- connecting -----------------------------------------------------------------------------

bool stream::connect_wait::await_ready() { return attempt(); }

bool stream::connect_wait::attempt() {
    outcome_ = stream_->connect_outcome();
    return outcome_ != EINPROGRESS;
}

result<> stream::connect_wait::await_resume() {
    if (ended_) return fail(ended_by_, "connect", true);
    if (outcome_ == 0) return {};
    auto why = system_error(outcome_, "connect");
    why.safe_to_retry = true;
    return std::unexpected(std::move(why));
}

// ---- what the engine and the clock say ------------------------------------------------------

stream::~stream() {
    ensure(reader_ == nullptr && writer_ == nullptr, "nobody waits for a stream that is closed");
}

void stream::notice(readiness now) noexcept {
    if (above_ != nullptr) return above_->stirred_below(now);
    has_stirred_ |= now.readable || now.peer_ended || now.reset;
    readable_ |= now.readable || now.peer_ended || now.reset;
    writable_ |= now.writable || now.reset;
    peer_ended_ |= now.peer_ended || now.reset;
    was_reset_ |= now.reset;
    if (reader_ != nullptr && readable_) reader_->wake();
    if (writer_ != nullptr && (now.writable || now.reset)) writer_->wake();
    if (now.reset && stop_on_reset_ != nullptr) std::exchange(stop_on_reset_, nullptr)->stop();
    if (watcher_ != nullptr && (now.readable || now.peer_ended || now.reset))
        std::exchange(watcher_, nullptr)->stirred(*this);
}

void stream::stop_on_reset(stop_source* source) noexcept {
    if (source != nullptr && was_reset_) return source->stop();
    stop_on_reset_ = source;
}

void stream::watch(watcher* who, steady_time until) noexcept {
    ensure(who == nullptr || reader_ == nullptr, "a watched stream has no reader");
    watcher_ = who;
    watch_until_ = until;
    if (who != nullptr) arm_for(until);
}

/// The timer is lazy: it is moved only to be earlier; one that fires too early is set again.
void stream::arm_for(steady_time until) {
    if (until == no_deadline) return;
    if (is_armed() && armed_for_ <= until) return;
    armed_for_ = until;
    loop::current().arm(*this, until);
}

void stream::expired(steady_time now) {
    for (stream_wait* waiting : {reader_, writer_}) {
        if (waiting == nullptr) continue;
        if (waiting->until_ <= now)
            waiting->end(errc::timed_out);
        else
            arm_for(waiting->until_);
    }
    if (watcher_ == nullptr) return;
    if (watch_until_ <= now)
        std::exchange(watcher_, nullptr)->stirred(*this);
    else
        arm_for(watch_until_);
}

}  // namespace hawser::io
