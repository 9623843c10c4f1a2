// SPDX-License-Identifier: Apache-2.0
#include "app/takeover.h"

#include <chrono>
#include <span>
#include <utility>

#include "app/keeper.h"
#include "app/session_news.h"
#include "app/spawn.h"
#include "app/version.h"
#include "base/limits.h"
#include "state/totals.h"

namespace hawser::app {

namespace {

using state::message;
using state::word;

steady_time within(std::chrono::milliseconds time) { return read_clocks().steady + time; }

result<> take_servers(const message& told, const upstream::snapshot& into) {
    const auto servers = state::read_servers(told.text);
    if (!servers) return senseless();
    restore(into, *servers);
    return {};
}

result<> take_totals(const message& told, observe::metrics& into) {
    auto totals = state::read_totals(told.text);
    if (!totals) return senseless();
    into.go_on_from(std::move(*totals));
    return {};
}

}  // namespace

std::optional<takeover> takeover::begin() {
    auto socket = take_channel();
    if (!socket) return std::nullopt;
    return takeover(state::channel(std::move(socket)));
}

takeover::~takeover() {
    if (!thread_.joinable()) return;
    channel_.interrupt();
    if (!*is_accepting_) follower_.set_value({});
    thread_.join();
}

result<> takeover::take_sockets(passed_sockets& into) {
    const steady_time end = within(limits::upgrade_start_time);
    state::bytes hello;
    state::writer to(hello);
    to.number(state::protocol_version);
    to.text(version);
    if (auto sent = channel_.send(word::hello, hello, end); !sent) return sent;
    for (;;) {
        auto told = channel_.receive(end);
        if (!told) return std::unexpected(std::move(told.error()));
        if (told->what == word::sockets_end) return {};
        if (told->what != word::sockets) return senseless();
        for (auto& each : told->descriptors) {
            auto adopted = io::adopt_listening(each.release());
            if (!adopted) return std::unexpected(std::move(adopted.error()));
            into.add(std::move(*adopted));
        }
    }
}

result<> takeover::learn(registry::registry& sessions, const upstream::snapshot& servers) {
    const steady_time end = within(limits::upgrade_start_time);
    for (;;) {
        const auto told = channel_.receive(end);
        if (!told) return std::unexpected(told.error());
        if (told->what == word::copied) return {};
        auto taken = take_session_news(*told, sessions).value_or(senseless());
        if (told->what == word::servers) taken = take_servers(*told, servers);
        if (!taken) return taken;
    }
}

result<> takeover::wait_for_go(registry::registry& sessions, observe::metrics& counted,
                               server_news& servers) {
    const steady_time end = within(limits::upgrade_start_time);
    if (auto sent = channel_.send(word::prepared, end); !sent) return sent;
    for (;;) {
        const auto told = channel_.receive(end);
        if (!told) return std::unexpected(told.error());
        if (told->what == word::go) break;
        auto taken = take_session_news(*told, sessions).value_or(senseless());
        if (told->what == word::totals) taken = take_totals(*told, counted);
        if (told->what == word::findings) taken = servers.take(*told);
        if (!taken) return taken;
    }
    servers.decide(true);
    sessions.note_changes(registry::noted::bindings);
    sessions.rounds().open();
    thread_ = std::jthread([&] { serve_beside(sessions, counted, servers); });
    return {};
}

void takeover::fail(std::string_view why) {
    why = why.substr(0, limits::log_message_max);
    (void)channel_.send(word::failed,
                        {reinterpret_cast<const std::uint8_t*>(why.data()), why.size()},
                        within(limits::upgrade_word_time));
}

void takeover::follow(events told) {
    follower_.set_value(std::move(told));
    *is_accepting_ = true;
}

void takeover::serve_beside(registry::registry& sessions, observe::metrics& counted,
                            server_news& servers) {
    {
        const std::jthread tells([&](const std::stop_token& stop) {
            session_news(sessions, channel_).tell_until(stop, [&] { return tell_more(servers); });
        });
        listen(sessions, counted, servers);
        channel_.interrupt();  // whoever says what it must not is as good as gone
    }
    sessions.end_changes();
    told_.get().ended();
}

/// Which servers there are, before what is found of them.
result<> takeover::tell_more(server_news& servers) {
    if (!*is_accepting_) return {};
    const steady_time end = within(limits::upgrade_word_time);
    if (!std::exchange(has_said_accepting_, true))
        if (auto sent = channel_.send(word::accepting, end); !sent) return sent;
    for (const auto& [is_due, what] : {std::pair(has_reloaded_.get(), word::reloaded),
                                       std::pair(has_overrides_.get(), word::overrides)}) {
        if (!is_due->exchange(false)) continue;
        if (auto sent = channel_.send(what, end); !sent) return sent;
    }
    return servers.tell(channel_, end);
}

void takeover::listen(registry::registry& sessions, observe::metrics& counted,
                      server_news& servers) {
    for (;;) {
        auto told = channel_.receive(no_deadline);
        if (!told || told->what == word::done) return;
        auto taken = take_session_news(*told, sessions).value_or(senseless());
        if (told->what == word::findings) taken = servers.take(*told);
        if (told->what == word::totals) taken = take_totals(*told, counted);
        if (told->what == word::retired) {
            servers.decide(true);  // what the old one took before, it did not go by
            std::optional<state::channel> records;
            if (!told->descriptors.empty()) records.emplace(std::move(told->descriptors.front()));
            told_.get().retired(std::move(records));
            taken = {};
        }
        if (!taken) return;
    }
}

}  // namespace hawser::app
