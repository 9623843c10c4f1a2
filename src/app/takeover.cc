// SPDX-License-Identifier: Apache-2.0
#include "app/takeover.h"

#include <chrono>
#include <span>
#include <utility>

#include "app/keeper.h"
#include "app/spawn.h"
#include "app/version.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

using state::message;
using state::word;

steady_time within(std::chrono::milliseconds time) { return read_clocks().steady + time; }

result<> senseless() {
    return hawser::fail(errc::malformed, "the old process says what cannot be");
}

/// Sessions beyond the capacity of this process are not known here, as after a restart.
result<> take_sessions(const message& told, registry::registry& into) {
    const auto sessions = state::read_sessions(told.text);
    if (!sessions) return senseless();
    const instant now = read_clocks();
    for (const auto& one : *sessions) (void)into.restore(one, now);
    return {};
}

result<> take_servers(const message& told, const upstream::snapshot& into) {
    const auto servers = state::read_servers(told.text);
    if (!servers) return senseless();
    restore(into, *servers);
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
        auto taken = senseless();
        if (told->what == word::sessions) taken = take_sessions(*told, sessions);
        if (told->what == word::servers) taken = take_servers(*told, servers);
        if (!taken) return taken;
    }
}

result<> takeover::wait_for_go(registry::registry& sessions) {
    const steady_time end = within(limits::upgrade_start_time);
    if (auto sent = channel_.send(word::prepared, end); !sent) return sent;
    for (;;) {
        const auto told = channel_.receive(end);
        if (!told) return std::unexpected(told.error());
        if (told->what == word::go) return {};
        if (told->what != word::sessions) return senseless();
        if (auto taken = take_sessions(*told, sessions); !taken) return taken;
    }
}

void takeover::fail(std::string_view why) {
    why = why.substr(0, limits::log_message_max);
    (void)channel_.send(word::failed,
                        {reinterpret_cast<const std::uint8_t*>(why.data()), why.size()},
                        within(limits::upgrade_word_time));
}

result<> takeover::follow(registry::registry& sessions, std::function<void()> retired,
                          std::function<void()> ended) {
    if (auto sent = channel_.send(word::accepting, within(limits::upgrade_word_time)); !sent)
        return sent;
    thread_ =
        std::jthread([this, &sessions, retired = std::move(retired), ended = std::move(ended)] {
            listen(sessions, retired);
            ended();
        });
    return {};
}

void takeover::listen(registry::registry& sessions, const std::function<void()>& retired) {
    for (;;) {
        const auto told = channel_.receive(no_deadline);
        if (!told || told->what == word::done) return;
        if (told->what == word::retired) retired();
        if (told->what == word::sessions && !take_sessions(*told, sessions)) return;
    }
}

}  // namespace hawser::app
