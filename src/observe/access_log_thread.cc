// SPDX-License-Identifier: Apache-2.0
#include "observe/access_log_thread.h"

#include <fmt/format.h>
#include <pthread.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "observe/log.h"

namespace hawser::observe {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds doze_time = 10ms;
constexpr std::chrono::milliseconds sleep_time = 250ms;  // the longest that a missed wake may delay
constexpr std::chrono::milliseconds blocked_wait = 50ms;
constexpr unsigned quiet_rounds_max = 20;
constexpr unsigned records_per_turn = 64;  // of one lane, then the next has its turn

/// Signals are for the thread that waits for them; a reader that left is an errno here.
void block_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

bool is_for_colours(const output& to) {
    return to.is_terminal() && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

access_log_thread::access_log_thread(style first, std::size_t workers, std::size_t ring_bytes)
    : formatter_(first.format, is_for_colours(first.to)), writer_(std::move(first.to)) {
    for (std::size_t worker = 0; worker < workers; ++worker)
        lanes_.push_back(std::make_unique<access_lane>(ring_bytes, nap_));
    open_lanes(first.is_on);
}

result<> access_log_thread::start() {
    try {
        thread_ = std::thread([self = shared_from_this()] { self->run(); });
        return {};
    } catch (const std::system_error& problem) {
        return std::unexpected(system_error(problem.code().value(), "access log: start a thread"));
    }
}

void access_log_thread::change(style next) {
    {
        const std::scoped_lock lock(mutex_);
        next_.emplace(std::move(next));
    }
    nap_.wake();
}

void access_log_thread::reopen() {
    {
        const std::scoped_lock lock(mutex_);
        must_reopen_ = true;
    }
    nap_.wake();
}

void access_log_thread::close(std::chrono::milliseconds limit) {
    if (!thread_.joinable()) return;
    open_lanes(false);
    std::unique_lock lock(mutex_);
    end_by_ = std::chrono::steady_clock::now() + limit;
    nap_.wake();
    // The thread looks at its deadline between writes; one that hangs is left behind.
    const bool has_ended =
        ended_.wait_until(lock, *end_by_ + 2 * blocked_wait, [&] { return has_ended_; });
    lock.unlock();
    if (has_ended) {
        thread_.join();
    } else {
        thread_.detach();  // excused: it hangs in a write that nobody can end
    }
}

access_log_totals access_log_thread::count() const noexcept {
    access_log_totals totals{.written = writer_.written(), .dropped_output = writer_.dropped()};
    for (const auto& lane : lanes_) totals.dropped_full += lane->ring_.dropped();
    return totals;
}

void access_log_thread::run() {
    block_signals();
    while (!is_over()) {
        obey();
        const bool was_busy = gather();
        const bool is_behind = writer_.is_full();
        write_out();
        if (is_blocked_) {
            writer_.out().wait(blocked_wait);
        } else if (!is_behind) {
            rest(was_busy);
        }
    }
    writer_.drop_all();
    const std::scoped_lock lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
}

/// Everything is written, or the time for it is over.
bool access_log_thread::is_over() {
    const std::scoped_lock lock(mutex_);
    if (!end_by_) return false;
    if (std::chrono::steady_clock::now() >= *end_by_) return true;
    if (!writer_.is_empty()) return false;
    for (const auto& lane : lanes_)
        if (!lane->ring_.front().empty()) return false;
    return true;
}

/// Does what was asked for meanwhile, between two lines.
void access_log_thread::obey() {
    std::optional<style> next;
    bool must_reopen = false;
    {
        const std::scoped_lock lock(mutex_);
        next.swap(next_);
        must_reopen = std::exchange(must_reopen_, false);
    }
    if (next) {
        gather();
        formatter_ = access_formatter(next->format, is_for_colours(next->to));
        writer_.change(std::move(next->to));
        open_lanes(next->is_on);
        is_blocked_ = false;
    } else if (must_reopen) {
        writer_.flush();
        if (const auto reopened = writer_.out().reopen(); !reopened)
            log(level::error, "access log is not reopened: " + reopened.error().context);
    }
}

/// Formats what the lanes hold, in turns, up to one batch. Was there anything?
bool access_log_thread::gather() {
    bool found_any = false;
    bool found = true;
    while (found && !writer_.is_full()) {
        found = false;
        for (const auto& lane : lanes_) {
            for (unsigned turn = 0; turn < records_per_turn && !writer_.is_full(); ++turn) {
                const auto bytes = lane->ring_.front();
                if (bytes.empty()) break;
                std::memcpy(static_cast<void*>(&record_), bytes.data(), bytes.size());
                lane->ring_.pop();
                formatter_.append(writer_.lines(), record_);
                found = true;
            }
        }
        found_any = found_any || found;
    }
    return found_any;
}

void access_log_thread::write_out() {
    const auto lost_before = writer_.dropped();
    const auto state = writer_.flush();
    is_blocked_ = state == line_writer::state::blocked;
    if (state != line_writer::state::failed) return;
    log_sparsely(level::error, "access-log-write",
                 fmt::format("access log: {} records lost: {}", writer_.dropped() - lost_before,
                             std::generic_category().message(writer_.last_error())));
}

void access_log_thread::rest(bool was_busy) {
    quiet_rounds_ = was_busy ? 0 : quiet_rounds_ + 1;
    if (quiet_rounds_ < quiet_rounds_max) {
        nap_.doze(doze_time);
    } else {
        nap_.sleep(sleep_time);
    }
}

void access_log_thread::open_lanes(bool are_open) noexcept {
    for (const auto& lane : lanes_) lane->is_open_.store(are_open, std::memory_order_relaxed);
}

}  // namespace hawser::observe
