// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_arrival.h"

#include <string>
#include <string_view>
#include <utility>

#include "async/with.h"
#include "base/limits.h"
#include "clients/network.h"
#include "http/h1/writer.h"
#include "observe/log.h"
#include "proxy/h1_connection.h"
#include "proxy/h2_connection.h"
#include "tls/server_context.h"

namespace hawser::proxy {

namespace {

constexpr std::string_view hint = "This port speaks HTTPS: use https://\n";

/// Ends our side, and leaves the client time to read why.
task<> take_leave(station& at, std::unique_ptr<io::stream> client) {
    client->shut_down_writing();
    const steady_time end = at.now().steady + limits::linger_time;
    for (std::size_t dropped = 0; dropped < limits::linger_bytes_max;) {
        auto lent = co_await with_stop(at.leaving(), with_deadline_at(end, client->read()));
        if (!lent) break;
        dropped += lent->size();
    }
}

task<> answer_in_clear(station& at, io::stream& client) {
    const auto answer = http::h1::write_answer(
        {.status = 400, .body = hint, .date = at.dates.text(at.now().wall)}, at.out);
    (void)co_await with_deadline(limits::linger_time, client.write(io::pieces(answer)));
}

task<> refuse(station& at, listener_post& post, arrival who, tls::stream& over) {
    const bool is_in_clear = over.heard_clear_text();
    post.counters->connections_broken.add(is_in_clear ? "tls-clear-text" : "tls-handshake");
    if (!is_in_clear && observe::is_logged(observe::level::info))
        observe::log_sparsely(observe::level::info, "tls-handshake",
                              "listener " + post.name + ": a handshake with " +
                                  who.client.ip.text() + " failed: " + over.failure());
    auto below = over.give_back();
    if (is_in_clear) co_await answer_in_clear(at, *below);
    co_await take_leave(at, std::move(below));
}

/// One that left before anything was computed for it: cheap, for it may be one of a flood.
void let_go(listener_post& post) {
    post.counters->connections_broken.add("tls-left");
    post.counters->connections_closed.add();
}

/// A client that had left before it was accepted has no address any more.
bool is_gone(const arrival& who) {
    return who.client.ip.is_none() && who.announced == nullptr &&
           who.stream->local().family() != io::endpoint::kind::unix_path;
}

/// A handshake that is under way, and counted as such.
class handshake {
  public:
    /// Why there is no room for one of `client`, before anything was spent on it (E125); empty:
    /// there was.
    [[nodiscard]] std::string_view begin(station& at, listener_post& post,
                                         const io::ip_address& client) {
        const listener_settings& by = *post.settings;
        if (by.handshakes_max != 0 && post.shaking_hands >= by.handshakes_max) return "handshakes";
        const bool is_bounded = by.handshakes_of_source_max != 0 && !client.is_none();
        if (is_bounded && !at.shaking_hands.take(client, by.handshakes_of_source_max, source_))
            return "handshakes-of-source";
        counted_in_ = &post;
        ++post.shaking_hands;
        return {};
    }
    handshake() = default;
    ~handshake() {
        if (counted_in_ != nullptr) --counted_in_->shaking_hands;
    }
    handshake(const handshake&) = delete;
    handshake& operator=(const handshake&) = delete;

  private:
    listener_post* counted_in_ = nullptr;
    clients::source_counts::counted source_;
};

}  // namespace

task<> shake_hands(station& at, std::shared_ptr<listener_post> through, arrival who) {
    if (is_gone(who)) co_return let_go(*through);
    {
        handshake under_way;
        if (const auto full = under_way.begin(at, *through, who.client.ip); !full.empty()) {
            through->counters->connections_refused.add(full);
            through->counters->connections_closed.add();
            co_return;
        }
        const newcomer counted(at, *through);
        auto over = through->settings->tls->accept(std::move(who.stream), at.tls_room,
                                                   clients::counted_as(who.client.ip));
        const steady_time end = who.came + through->settings->head_timeout;
        const auto stands =
            co_await with_stop(at.leaving(), with_deadline_at(end, over->connected()));
        if (over->left_before_its_turn()) co_return let_go(*through);
        if (!stands) {
            const errc why = stands.error().code;
            if (why != errc::timed_out && why != errc::cancelled)
                co_await refuse(at, *through, std::move(who), *over);
            else if (why == errc::timed_out)
                through->counters->connections_broken.add("tls-timeout");
            through->counters->connections_closed.add();
            co_return;
        }
        who.secured = std::make_unique<const tls::facts>(over->settled());
        through->counters->handshakes.add(who.secured->version,
                                          who.secured->resumed ? "resumed" : "full");
        who.stream = std::move(over);
    }
    if (who.secured->speaks == tls::protocol::http2)
        at.run(h2_connection::serve(at, std::move(through), std::move(who), {}));
    else
        at.run(h1_connection::serve(at, std::move(through), std::move(who)));
}

}  // namespace hawser::proxy
