// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <atomic>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/limits.h"
#include "observe/escape.h"
#include "observe/line_writer.h"
#include "observe/repeat_limit.h"
#include "observe/timestamp.h"

namespace hawser::observe {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 5> level_names = {"error", "warn", "notice", "info",
                                                         "debug"};

/// spdlog has five levels, too, but other words for them; only their order matters to it.
constexpr std::array<spdlog::level::level_enum, 5> spdlog_levels = {
    spdlog::level::err, spdlog::level::warn, spdlog::level::info, spdlog::level::debug,
    spdlog::level::trace};

level level_of(spdlog::level::level_enum theirs) {
    std::size_t index = 0;
    while (index + 1 < spdlog_levels.size() && spdlog_levels[index] != theirs) ++index;
    return static_cast<level>(index);
}

/// `2026-11-24T12:35:22.123Z notice message`
void append_line(std::string& lines, timestamp& time, wall_time when, level how,
                 std::string_view message) {
    time.append(lines, when);
    lines += ' ';
    lines += name_of(how);
    lines += ' ';
    append_escaped(lines, message, place::message);
    lines += '\n';
}

/// Where spdlog's thread brings each message; the mutex of its base guards it against reopening.
class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit line_sink(output to) : writer_(std::move(to)) {}

    void change(output to) {
        const std::scoped_lock lock(mutex_);
        writer_.change(std::move(to));
    }

    result<> reopen() {
        const std::scoped_lock lock(mutex_);
        writer_.flush();
        return writer_.out().reopen();
    }

    [[nodiscard]] std::uint64_t written() const noexcept { return writer_.written(); }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return writer_.dropped(); }
    [[nodiscard]] std::uint64_t handled() const noexcept { return handled_; }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (writer_.is_full()) writer_.flush();
        if (writer_.is_full()) {
            writer_.drop_one();
        } else {
            append_line(writer_.lines(), time_,
                        std::chrono::time_point_cast<std::chrono::milliseconds>(message.time),
                        level_of(message.level), {message.payload.data(), message.payload.size()});
            writer_.flush();
        }
        handled_.fetch_add(1, std::memory_order_release);
    }

    void flush_() override {}

    line_writer writer_;
    timestamp time_{timestamp::style::rfc3339};
    std::atomic<std::uint64_t> handled_ = 0;
};

/// The log once it is open. Never destroyed: a thread may log while the process ends.
struct open_state {
    explicit open_state(output to)
        : sink(std::make_shared<line_sink>(std::move(to))),
          threads(std::make_shared<spdlog::details::thread_pool>(limits::log_queue_max, 1,
                                                                 [] {
                                                                     sigset_t all;
                                                                     ::sigfillset(&all);
                                                                     ::pthread_sigmask(
                                                                         SIG_BLOCK, &all, nullptr);
                                                                 })),
          logger(std::make_shared<spdlog::async_logger>(
              "hawser", sink, threads, spdlog::async_overflow_policy::overrun_oldest)) {}

    std::shared_ptr<line_sink> sink;
    std::shared_ptr<spdlog::details::thread_pool> threads;
    std::shared_ptr<spdlog::async_logger> logger;
    std::atomic<std::uint64_t> queued = 0;
};

std::atomic<open_state*> opened = nullptr;
std::atomic<level> least_level = level::notice;
std::atomic<level> level_of_settings = level::notice;
std::atomic<bool> is_level_overridden = false;
std::atomic<std::uint64_t> left_out = 0;

repeat_limit& alike() {
    static auto* const limit = new repeat_limit;
    return *limit;
}

void write_to_stderr(level how, std::string_view message) {
    static constexpr int descriptor_of_stderr = 2;
    const auto to = output::of_descriptor(descriptor_of_stderr);
    if (!to) return;
    std::string line;
    timestamp time(timestamp::style::rfc3339);
    append_line(line, time, read_clocks().wall, how, message);
    static_cast<void>(to->write(line));
}

}  // namespace

std::string_view name_of(level which) { return level_names[std::to_underlying(which)]; }

std::optional<level> level_named(std::string_view name) {
    for (std::size_t index = 0; index < level_names.size(); ++index)
        if (level_names[index] == name) return static_cast<level>(index);
    return std::nullopt;
}

result<> open_log(const log_settings& settings) {
    auto to = output::open(settings.output);
    if (!to) {
        to.error().context.insert(0, "error log: ");
        return std::unexpected(std::move(to.error()));
    }
    if (auto* state = opened.load()) {
        state->sink->change(std::move(*to));
    } else {
        try {
            auto fresh = std::make_unique<open_state>(std::move(*to));
            fresh->logger->set_level(spdlog::level::trace);
            opened.store(fresh.release());
        } catch (const std::exception& problem) {
            return fail(errc::system, std::string("error log: ") + problem.what());
        }
    }
    level_of_settings = settings.least;
    if (!is_level_overridden) least_level = settings.least;
    return {};
}

void reopen_log() {
    auto* state = opened.load();
    if (state == nullptr) return;
    if (const auto reopened = state->sink->reopen(); !reopened)
        log(level::error, "error log is not reopened: " + reopened.error().context);
}

void flush_log(std::chrono::milliseconds limit) {
    auto* state = opened.load();
    if (state == nullptr) return;
    const auto end = std::chrono::steady_clock::now() + limit;
    const auto is_done = [&] {
        return state->sink->handled() + state->threads->overrun_counter() >= state->queued;
    };
    while (!is_done() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(1ms);  // excused: spdlog's queue has nothing to wait on
    }
}

bool is_logged(level which) noexcept {
    return which <= least_level.load(std::memory_order_relaxed);
}

void override_log_level(std::optional<level> least) noexcept {
    is_level_overridden = least.has_value();
    least_level = least.value_or(level_of_settings);
}

log_levels present_log_levels() noexcept {
    return {.present = least_level, .of_settings = level_of_settings};
}

void log(level how, std::string_view message) noexcept {
    if (is_logged(how)) log_always(how, message);
}

void log_always(level how, std::string_view message) noexcept {
    message = message.substr(0, limits::log_message_max);
    auto* state = opened.load(std::memory_order_acquire);
    if (state == nullptr) return write_to_stderr(how, message);
    state->queued.fetch_add(1, std::memory_order_relaxed);
    state->logger->log(spdlog_levels[std::to_underlying(how)],
                       spdlog::string_view_t(message.data(), message.size()));
}

void log_sparsely(level how, std::string_view key, std::string_view message) noexcept {
    if (!is_logged(how)) return;
    const auto kept_back = alike().pass(key, std::chrono::steady_clock::now());
    if (!kept_back) {
        left_out.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (*kept_back == 0) return log(how, message);
    log(how, fmt::format("{} ({} more like this left out)", message, *kept_back));
}

log_totals count_log() noexcept {
    log_totals totals{.left_out = left_out.load(std::memory_order_relaxed)};
    if (auto* state = opened.load()) {
        totals.written = state->sink->written();
        totals.dropped = state->sink->dropped() + state->threads->overrun_counter();
    }
    return totals;
}

}  // namespace hawser::observe
