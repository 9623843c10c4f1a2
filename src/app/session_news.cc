// SPDX-License-Identifier: Apache-2.0
#include "app/session_news.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <utility>

#include "base/limits.h"
#include "state/records.h"

namespace hawser::app {

namespace {

using block = std::array<registry::record, limits::state_block_sessions>;

constexpr auto interval = std::chrono::milliseconds(1);
/// Changes come while changes are sent: so few are left for the moment of the change itself.
constexpr std::size_t few_changes = 1000;
constexpr unsigned passes_max = 20;

result<> take_endings(const state::message& told, registry::registry& into) {
    const auto endings = state::read_endings(told.text);
    if (!endings) return senseless();
    const instant now = read_clocks();
    for (const auto& one : *endings) into.restore(one, now);
    return {};
}

}  // namespace

result<> session_news::tell_all(steady_time end) {
    sessions_.note_changes();
    for (std::size_t part = 0; part < registry::registry::ended_parts; ++part)
        if (auto sent = send(sessions_.ended(part, read_clocks()), end); !sent) return sent;
    block some;
    for (registry::cursor at; !at.done;) {
        const std::size_t size = sessions_.copy(at, some, read_clocks());
        if (auto sent = send(std::span(some).first(size), end); !sent) return sent;
    }
    for (unsigned pass = 0; pass < passes_max; ++pass) {
        const auto changed = tell(end);
        if (!changed) return std::unexpected(changed.error());
        if (*changed <= few_changes) break;
    }
    return {};
}

result<std::size_t> session_news::tell(steady_time end) {
    auto& rounds = sessions_.rounds();
    const std::uint64_t round = rounds.begin();
    if (auto sent = send(sessions_.take_endings(), end); !sent)
        return std::unexpected(std::move(sent.error()));
    block some;
    std::size_t count = 0;
    for (registry::cursor at; !at.done;) {
        const std::size_t size = sessions_.changes(at, some, read_clocks());
        if (size == 0) continue;
        count += size;
        if (auto sent = send(std::span(some).first(size), end); !sent)
            return std::unexpected(std::move(sent.error()));
    }
    if (rounds.is_due(round))
        if (auto sent = send(state::word::round, round, end); !sent)
            return std::unexpected(std::move(sent.error()));
    if (const auto answer = rounds.take_due_answer())
        if (auto sent = send(state::word::known, *answer, end); !sent)
            return std::unexpected(std::move(sent.error()));
    return count;
}

result<> session_news::send(std::span<const registry::record> some, steady_time end) {
    text_.clear();
    for (const auto& one : some) state::append(one, text_);
    return with_.send(state::word::sessions, text_, end);
}

result<> session_news::send(const std::vector<registry::ending>& all, steady_time end) {
    constexpr std::size_t most = limits::state_block_max / state::ending_size;
    for (std::span left(all); !left.empty(); left = left.subspan(std::min(most, left.size()))) {
        text_.clear();
        for (const auto& one : left.first(std::min(most, left.size()))) state::append(one, text_);
        if (auto sent = with_.send(state::word::endings, text_, end); !sent) return sent;
    }
    return {};
}

result<> session_news::send(state::word what, std::uint64_t round, steady_time end) {
    text_.clear();
    state::writer(text_).number(round);
    return with_.send(what, text_, end);
}

bool session_news::tell_until(const std::stop_token& stop, const std::function<result<>()>& more) {
    std::mutex never;
    std::unique_lock held(never);
    std::condition_variable_any bell;
    while (!bell.wait_for(held, stop, interval, [&] { return stop.stop_requested(); }))
        if (!tell(read_clocks().steady + limits::upgrade_word_time) || !more()) return false;
    return true;
}

result<> take_sessions(const state::message& told, registry::registry& into) {
    const auto sessions = state::read_sessions(told.text);
    if (!sessions) return senseless();
    const instant now = read_clocks();
    for (const auto& one : *sessions) (void)into.restore(one, now);
    return {};
}

std::optional<result<>> take_session_news(const state::message& told, registry::registry& into) {
    if (told.what == state::word::sessions) return take_sessions(told, into);
    if (told.what == state::word::endings) return take_endings(told, into);
    if (told.what != state::word::round && told.what != state::word::known) return std::nullopt;
    state::reader from(told.text);
    const auto round = from.number<std::uint64_t>();
    if (!from.is_whole() || round == 0) return senseless();
    if (told.what == state::word::known && !into.rounds().hear(round)) return senseless();
    if (told.what == state::word::round) into.rounds().owe_answer(round);
    return result<>();
}

result<> senseless() { return fail(errc::malformed, "the other process says what cannot be"); }

}  // namespace hawser::app
