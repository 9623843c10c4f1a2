// SPDX-License-Identifier: Apache-2.0
// Step 7 of a request's way: the answer's head and body to the client.

#include <algorithm>
#include <array>
#include <utility>

#include "async/with.h"
#include "http/websocket.h"
#include "observe/log.h"
#include "proxy/body_piece.h"
#include "proxy/exchange.h"
#include "proxy/heads.h"
#include "proxy/tunnel.h"

namespace hawser::proxy {

namespace {

/// A piece up to this size is copied behind the head: one run is sent faster than two.
constexpr std::size_t copied_max = 16 * 1024;

std::string_view text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

bool is_valid_upgrade(const http::response_head& head, std::string_view key) {
    const http::field* proof = head.fields.find(http::field_id::sec_websocket_accept);
    return http::equal_ignoring_case(head.upgrade, "websocket") && proof != nullptr &&
           proof->value == std::string_view(http::websocket_accept(key));
}

}  // namespace

/// The head lies in the station's room, and what came behind it in `answer_input_`.
task<> exchange::answer(server_post& from) {
    const http::response_head& head = station_.response;
    from.counters.requests[observe::code_class(head.status)].add();
    report(from, health::is_unwell(head.status) ? std::optional(upstream::failure::status)
                                                : std::nullopt);
    record_.status = std::uint16_t(head.status);
    if (head.status == 101 && !is_valid_upgrade(head, asked_.websocket_key))
        co_return co_await apologise({errc::malformed, "an upgrade that was not asked for"});

    const bool has_end = head.body != http::framing::until_close;
    const bool to_http_1_0 = asked_.minor == 0;
    rechunked_ = !to_http_1_0 && (head.body == http::framing::chunked || !has_end);
    ends_by_close_ = to_http_1_0 && (head.body == http::framing::chunked || !has_end);
    server_keeps_alive_ = head.keep_alive && has_end;
    const bool keeps_alive =
        asked_.keeps_alive && !ends_by_close_ && !upload_refusal_ && !station_.is_draining();
    outcome_ = keeps_alive ? outcome::keeps_alive : outcome::closes;
    answer_body_ = http::h1::body_reader(head);

    station_.lines.clear();
    if (pool_->tools->affinity)
        found_.overwritten = pool_->tools->affinity->is_overwritten_by(head);  // E158
    const bool gave =
        pool_->tools->affinity &&
        pool_->tools->affinity->give(found_, session_.home, station_.now().wall, station_.lines);
    tell_session();
    const response_rewriting what{.head = head,
                                  .way = *way_,
                                  .to_http_1_0 = to_http_1_0,
                                  .keeps_alive = keeps_alive,
                                  .rechunked = rechunked_,
                                  .is_private = gave,
                                  .lines = station_.lines};
    pooled_bytes larger;
    std::span<char> room = station_.out;
    if (const std::size_t size = rewritten_size_max(what); size > room.size()) {
        larger = pooled_bytes(size);
        room = larger.bytes();
    }
    const std::string_view written = write_response_head(what, room);
    ensure(!written.empty(), "the room for a rewritten head is reckoned to suffice");
    passed_on_ = answered_ = true;
    look_for_pinning(head);
    if (head.status == 101) co_return co_await tunnel(written);
    is_whole_ = co_await write_body_after(written) && co_await relay_body();
    if (is_whole_)
        release_server(from);
    else
        co_await drop_server();
}

/// The debug field, where the configuration wants one.
void exchange::tell_session() {
    const std::string& name = edition_->what->debug_field;
    if (name.empty()) return;
    station_.lines.append(name).append(": ").append(affinity::name_of(verdict_));
    if (cause_ != affinity::cause::none)
        station_.lines.append("; cause=").append(affinity::name_of(cause_));
    station_.lines.append("; server=").append(target_->server->name()).append("\r\n");
}

/// The head, and with it what came of the body in the same read.
task<bool> exchange::write_body_after(std::string_view head) {
    std::string_view payload;
    bool is_last = answer_body_.is_done();
    if (!is_last) {
        const auto step = answer_body_.decode(answer_input_.bytes());
        if (step.why) {
            // As if it had come later: a bare close would look like no answer at all (E85).
            (void)co_await write_piece(head, text_of(step.payload), false);
            report(*target_, upstream::failure::cut);
            cut(step.why->cause);
            co_return false;
        }
        payload = text_of(step.payload);
        is_last = step.done;
        answer_input_.use(step.consumed);
    }
    const bool has_body = station_.response.body != http::framing::none;
    co_return co_await write_piece(head, payload, is_last && has_body);
}

task<bool> exchange::relay_body() {
    const auto patience = pool_->setup->servers->settings().timeouts.idle;
    while (!answer_body_.is_done()) {
        auto lent = co_await with_stop(stop(), with_idle_limit(patience, server_->read()));
        if (!lent) {
            const bool is_whole = lent.error().code == errc::end_of_stream &&
                                  answer_body_.completes_at_end_of_stream();
            if (is_whole) co_return co_await write_piece({}, {}, true);
            lose_answer(lent.error().code);
            co_return false;
        }
        const auto step = answer_body_.decode(*lent);
        if (step.why) {
            report(*target_, upstream::failure::cut);
            cut(step.why->cause);
            co_return false;
        }
        answer_input_.take(lent->subspan(step.consumed));
        if (!co_await write_piece({}, text_of(step.payload), step.done)) co_return false;
    }
    co_return true;
}

/// The answer will not become whole: through the client, or through the server.
void exchange::lose_answer(errc why) {
    if (why != errc::cancelled) {
        report(*target_, upstream::failure::cut);
        cut(why == errc::timed_out ? "answer-timeout" : "answer-cut");
    } else if (upload_refusal_) {
        cut(upload_refusal_->cause);
    } else {
        record_.status = 499;
        cut("client-left");
    }
}

/// Sends one piece of the answer, with `head` before it. False when the client is gone.
task<bool> exchange::write_piece(std::string_view head, std::string_view payload, bool is_last) {
    const std::string_view trailers =
        is_last && rechunked_ ? answer_body_.trailers() : std::string_view();
    const body_piece piece(rechunked_, payload, is_last, !trailers.empty());
    io::pieces sent(head, piece.before(), piece.payload(), piece.after());
    record_.bytes_out += sent.size();
    if (sent.size() == 0) co_return true;

    const bool is_in_room = head.data() == station_.out.data();
    if (is_in_room && head.size() + copied_max <= station_.out.size() &&
        sent.size() <= head.size() + copied_max) {
        char* end = station_.out.data() + head.size();
        for (const auto view : {piece.before(), piece.payload(), piece.after()})
            end = std::copy(view.begin(), view.end(), end);
        sent = io::pieces(std::string_view(station_.out.data(), end));
    }
    auto told =
        co_await with_idle_limit(client_.settings().write_timeout, client_.client().write(sent));
    if (told && !trailers.empty())
        told = co_await with_idle_limit(
            client_.settings().write_timeout,
            client_.client().write(io::pieces(trailers, http::h1::trailers_end)));
    if (told) co_return true;
    record_.ended = told.error().code == errc::timed_out ? "write-timeout" : "client-left";
    if (told.error().code == errc::timed_out) client_.client().reset_on_close();
    outcome_ = outcome::closes;
    co_return false;
}

/// The client must see that the answer is not whole: never a clean end.
void exchange::cut(std::string_view why) {
    record_.ended = why;
    outcome_ = outcome::closes;
    if (ends_by_close_) client_.client().reset_on_close();
}

/// The connection carries another request only when this exchange is over in both directions and
/// nothing is left over (E5, E70).
void exchange::release_server(server_post& from) {
    const bool is_reusable = server_keeps_alive_ && body_.is_done() && answer_input_.empty() &&
                             (!uploads_ || uploads_->running() == 0) && !from.is_retired &&
                             !station_.is_draining() && server_->is_quiet();
    if (!is_reusable && uploads_) return;  // whoever still sends over it ends first
    if (is_reusable && is_pinned_)
        client_.pinned = std::make_unique<connection::pinned_connection>(
            connection::pinned_connection{pool_->share(from), std::move(server_)});
    else if (is_reusable)
        from.idle.keep(std::move(server_));
    else
        server_.close();
}

/// NTLM and Negotiate authenticate a connection: from then on it is its client's alone (E80).
void exchange::look_for_pinning(const http::response_head& head) {
    for (const http::field& each : head.fields) {
        if (each.id != http::field_id::www_authenticate) continue;
        const std::string_view scheme = each.value.substr(0, each.value.find(' '));
        if (http::equal_ignoring_case(scheme, "NTLM") ||
            http::equal_ignoring_case(scheme, "Negotiate"))
            is_pinned_ = true;
    }
}

/// The connection changes hands. Bytes that came in the segment of a head go first (E145): the
/// server's behind its 101, the client's behind its handshake, which waited until now (E143).
task<> exchange::tunnel(std::string_view head) {
    const auto patience = client_.settings().write_timeout;
    client_.input.keep();
    const std::string_view early = text_of(answer_input_.bytes());
    record_.bytes_out += head.size() + early.size();
    auto told = co_await with_idle_limit(patience, client_.client().write(io::pieces(head, early)));
    const std::string_view waited = text_of(client_.input.bytes());
    record_.bytes_in += waited.size();
    if (told) told = co_await with_idle_limit(patience, server_->write(io::pieces(waited)));
    outcome_ = outcome::closes;
    if (!told) {
        record_.ended = "reset";
        co_return co_await drop_server();
    }
    client_.input.use(waited.size());
    client_.input.settle();

    pool_->counters->tunnels_opened.add();
    station_.sessions.begin_tunnel(session_.handle);
    proxy::tunnel through(client_.client(), *server_,
                          pool_->setup->servers->settings().timeouts.tunnel, client_.gone());
    co_await through.run();
    station_.sessions.end_tunnel(session_.handle, station_.now().steady);
    pool_->counters->tunnels_closed.add();
    record_.bytes_out += through.to_client();
    record_.bytes_in += through.to_server();
    record_.ended = through.ended_by().empty() ? "reset" : through.ended_by();
    server_.close();
}

/// Tells passive health, and the error log if that changed anything.
void exchange::report(server_post& about, std::optional<upstream::failure> failed) {
    const health::outliers rules(*pool_->setup->servers);
    if (failed) about.counters.errors.add(name_of(*failed));
    const auto found = failed ? rules.failed(*about.server, *failed, station_.now())
                              : rules.succeeded(*about.server, station_.now());
    if (found.what == health::finding::change::none) return;
    std::string told = "server " + pool_->setup->servers->name() + "/" + about.server->name() + " ";
    told.append(name_of(found.what));
    if (failed)
        told.append(": ")
            .append(upstream::name_of(found.why))
            .append(", for ")
            .append(std::to_string(found.lasting.count()))
            .append(" ms");
    observe::log(observe::level::warn, told);
}

/// The server answered before the request had been read: its rest is dropped, within bounds (E74).
task<> exchange::drain_body() {
    const steady_time end = station_.now().steady + limits::linger_time;
    std::size_t dropped = 0;
    while (!body_.is_done() && dropped < limits::linger_bytes_max) {
        if (client_.input.empty()) {
            auto lent = co_await with_deadline_at(end, client_.client().read());
            if (!lent) break;
            client_.input.take(*lent);
        }
        const auto step = body_.decode(client_.input.bytes());
        if (step.why) break;
        dropped += step.consumed;
        client_.input.use(step.consumed);
    }
    client_.input.keep();
    if (!body_.is_done()) outcome_ = outcome::lingers;
}

}  // namespace hawser::proxy
