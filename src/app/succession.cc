// SPDX-License-Identifier: Apache-2.0
#include "app/succession.h"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <latch>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "app/keeper.h"
#include "app/session_news.h"
#include "app/spawn.h"
#include "base/limits.h"
#include "io/passing.h"
#include "observe/log.h"
#include "state/totals.h"

namespace hawser::app {

namespace {

using observe::level;
using state::word;

steady_time within(std::chrono::milliseconds time) { return read_clocks().steady + time; }

}  // namespace

std::string_view name_of(upgrade_phase phase) noexcept {
    switch (phase) {
        case upgrade_phase::none: return "none";
        case upgrade_phase::starts: return "starts";
        case upgrade_phase::finishes: return "finishes";
        case upgrade_phase::follows: return "follows";
        case upgrade_phase::failed: return "failed";
    }
    return "unknown";
}

succession::~succession() {
    abandon();
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
}

result<pid_t> succession::begin(std::string binary) {
    const auto now = status().phase;
    if (now == upgrade_phase::starts || now == upgrade_phase::finishes)
        return fail(errc::unavailable, "an upgrade is under way");
    if (thread_.joinable()) thread_.join();
    auto ends = state::channel::make();
    if (!ends) return std::unexpected(std::move(ends.error()));
    const auto started = spawn_successor(std::move(binary), ends->second.descriptor());
    if (!started) return started;
    channel_.emplace(std::move(ends->first));
    child_ = *started;
    show(upgrade_phase::starts);
    observe::log(level::notice, fmt::format("upgrade: process {} was started", child_));
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    return child_;
}

upgrade_status succession::status() const {
    const std::scoped_lock held(mutex_);
    return status_;
}

void succession::show(upgrade_phase phase) {
    const std::scoped_lock held(mutex_);
    status_ = {.phase = phase, .other = child_};
}

/// Runs `what` on the control thread, and waits.
void succession::on_control(const std::function<void()>& what) {
    std::latch done(1);
    hooks_.post([&] {
        what();
        done.count_down();
    });
    done.wait();
}

void succession::run(const std::stop_token& stop) {
    auto handed = hand_over();
    if (handed) handed = let_go(stop);
    if (!handed) return go_on_as_before(handed.error());
    node_.sessions().end_changes();
}

/// All that is known, and the operator.
result<> succession::hand_over() {
    steady_time end = within(limits::upgrade_start_time);
    auto hello = channel_->expect(word::hello, end);
    if (!hello) return std::unexpected(std::move(hello.error()));
    state::reader said(hello->text);
    if (said.number<std::uint32_t>() != state::protocol_version)
        return fail(errc::invalid, "hawser " + said.text() + " takes over in another way: restart");
    if (auto sent = send_sockets(end); !sent) return sent;
    if (auto sent = send_sessions(end); !sent) return sent;
    if (auto told = channel_->expect(word::prepared, end); !told)
        return std::unexpected(std::move(told.error()));

    end = within(limits::upgrade_word_time);
    on_control(hooks_.leave_operator);
    on_control([] {});  // a turn later its listener is gone
    std::vector<observe::total> counted;
    on_control([&] { counted = hooks_.totals(); });
    if (auto sent = send_totals(counted, end); !sent) return sent;
    on_control([this] { node_.share_servers(server_news::side::old_one); });
    if (auto told = node_.shared_servers().tell(*channel_, end); !told) return told;
    node_.sessions().rounds().open();
    session_news news(node_.sessions(), *channel_);
    if (auto told = news.tell(end); !told) return std::unexpected(std::move(told.error()));
    return channel_->send(word::go, end);
}

/// The new process begins to accept whenever it can, and then this one retires. What happens here
/// is told from now on until this process has ended all that it has.
result<> succession::let_go(const std::stop_token& stop) {
    stage_ = stage::starts;
    has_said_retired_ = false;
    const steady_time start_end = within(limits::upgrade_word_time);
    std::optional<error> why;
    std::jthread hears([this, &why] {
        why = listen();
        channel_->interrupt();
    });
    session_news news(node_.sessions(), *channel_);
    const bool is_over = news.tell_until(stop, [&] { return tell_more(start_end); });
    const steady_time end = within(limits::upgrade_word_time);
    // Where nothing was left to end, this may be the first that the other one hears.
    if (is_over && tell_more(start_end) && news.tell(end)) (void)channel_->send(word::done, end);
    const bool too_late = is_late(start_end);
    channel_->interrupt();
    hears.join();
    if (too_late) why = error{errc::timed_out, "the new process does not accept in time"};
    if (stage_ == stage::accepts) on_control([] {});  // a turn later this one has retired
    if (stage_ != stage::serves) return std::unexpected(std::move(*why));
    if (is_over) return {};
    observe::log(level::warn, "upgrade: the new process has ended");
    hooks_.post(hooks_.lose_successor);
    return {};
}

/// They are in both processes from here on, and accepted on in this one.
result<> succession::send_sockets(steady_time end) {
    std::vector<std::vector<int>> places;
    on_control([&] { places = hooks_.sockets(); });
    for (const auto& place : places) {
        for (std::span<const int> left(place); !left.empty();) {
            const auto some = left.first(std::min(left.size(), io::passed_at_once_max));
            if (auto sent = channel_->send(word::sockets, {}, end, some); !sent) return sent;
            left = left.subspan(some.size());
        }
    }
    return channel_->send(word::sockets_end, end);
}

result<> succession::send_sessions(steady_time end) {
    std::vector<state::server_record> servers;
    on_control([&] { servers = records_of(*node_.servers().current()); });
    state::bytes text;
    constexpr std::size_t most = limits::state_block_max / state::server_size;
    for (std::span<const state::server_record> left(servers); !left.empty();) {
        const auto some = left.first(std::min(left.size(), most));
        text.clear();
        for (const auto& one : some) state::append(one, text);
        if (auto sent = channel_->send(word::servers, text, end); !sent) return sent;
        left = left.subspan(some.size());
    }
    session_news news(node_.sessions(), *channel_);
    if (auto told = news.tell_all(end); !told) return told;
    return channel_->send(word::copied, end);
}

/// In the place of what was told of the same counters before.
result<> succession::send_totals(std::span<const observe::total> all, steady_time end) {
    state::bytes text;
    state::bytes next;
    for (const auto& one : all) {
        next.clear();
        state::append(one, next);
        if (next.size() > limits::state_block_max) continue;  // it begins anew there
        if (text.size() + next.size() > limits::state_block_max) {
            if (auto sent = channel_->send(word::totals, text, end); !sent) return sent;
            text.clear();
        }
        text.insert(text.end(), next.begin(), next.end());
    }
    return channel_->send(word::totals, text, end);
}

result<> succession::send_news_of_totals() {
    std::vector<observe::total> news;
    {
        const std::scoped_lock held(mutex_);
        news.swap(counted_);
    }
    if (news.empty()) return {};
    return send_totals(news, within(limits::upgrade_word_time));
}

/// The new process is ended, whatever it was doing.
void succession::go_on_as_before(const error& why) {
    node_.sessions().end_changes();
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    on_control([this] { node_.shared_servers().end(); });
    on_control(hooks_.return_to_operator);
    observe::log(level::error, "upgrade failed, nothing has changed: " + why.context);
    const std::scoped_lock held(mutex_);
    channel_.reset();
    status_ = {.phase = upgrade_phase::failed, .other = 0, .why = why.context};
}

/// Whether the new process has not said in time that it accepts. What it says afterwards comes to
/// nothing: of the one who waits and the one who hears, the first decides.
bool succession::is_late(steady_time start_end) {
    stage before = stage::starts;
    if (read_clocks().steady >= start_end) stage_.compare_exchange_strong(before, stage::late);
    return stage_ == stage::late;
}

/// What is known besides sessions, once the new process serves.
result<> succession::tell_more(steady_time start_end) {
    if (is_late(start_end)) return fail(errc::timed_out);
    if (stage_ != stage::serves) return {};
    const steady_time end = within(limits::upgrade_word_time);
    if (!std::exchange(has_said_retired_, true))
        if (auto sent = say_retired(end); !sent) return sent;
    if (auto told = node_.shared_servers().tell(*channel_, end); !told) return told;
    return send_news_of_totals();
}

/// What is bound there, clients may need here, too: over the connections that they have kept. And
/// what is found or set there of servers holds for them. Until the new process is gone, or says
/// what it must not, which comes to the same.
error succession::listen() {
    for (;;) {
        auto told = channel_->receive(no_deadline);
        if (!told) return std::move(told.error());
        if (auto taken = take(*told); !taken) return std::move(taken.error());
    }
}

result<> succession::take(const state::message& told) {
    if (auto taken = take_session_news(told, node_.sessions())) return std::move(*taken);
    if (stage_ == stage::starts) {
        if (told.what == word::failed)
            return fail(errc::invalid, std::string(told.text.begin(), told.text.end()));
        if (told.what != word::accepting) return senseless();
        stage before = stage::starts;
        if (!stage_.compare_exchange_strong(before, stage::accepts)) return fail(errc::timed_out);
        hooks_.post([this] { retire(); });
        return {};
    }
    switch (told.what) {
        case word::findings: return node_.shared_servers().take(told);
        case word::overrides: hooks_.post(hooks_.heed_overrides); return {};
        case word::reloaded: hooks_.post(hooks_.heed_reload); return {};
        default: return senseless();
    }
}

/// With the end of the channel by which what applications keep goes over.
result<> succession::say_retired(steady_time end) {
    const auto records = std::exchange(records_, std::nullopt);
    std::vector<int> passed;
    if (records) passed.push_back(records->descriptor());
    return channel_->send(word::retired, {}, end, passed);
}

/// On the control thread.
void succession::retire() {
    hooks_.retire(child_);
    records_ = node_.hand_over_data();
    show(upgrade_phase::finishes);
    stage_ = stage::serves;
}

void succession::tell(std::vector<observe::total> counted) {
    const std::scoped_lock held(mutex_);
    counted_ = std::move(counted);
}

void succession::abandon() {
    const std::scoped_lock held(mutex_);
    if (status_.phase == upgrade_phase::starts && channel_) channel_->interrupt();
}

void succession::end() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    channel_.reset();
}

}  // namespace hawser::app
