// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/with.h"
#include "http/h1/body.h"
#include "http/h1/parser.h"
#include "http/h1/writer.h"

namespace hawser::http {

namespace {

constexpr auto accept_pause = std::chrono::milliseconds(100);

served_request copy_of(const request_head& head) {
    served_request copy;
    copy.method = head.method;
    copy.host = head.host;
    copy.path = head.path;
    copy.query = head.query;
    for (const auto& each : head.fields) copy.fields.emplace_back(each.name, each.value);
    return copy;
}

/// What one head says of the rest of its exchange.
struct read_head {
    served_request request;
    h1::body_reader body;
    bool keeps_alive = false;
    bool expects_continue = false;
    std::size_t size = 0;
};

using parsed_head = std::expected<std::optional<read_head>, refusal>;

/// Parses what has come; nothing while the head is incomplete.
parsed_head parse(std::string_view received, std::size_t body_max) {
    const auto head = std::make_unique<request_head>();
    const auto parsed = h1::parse_request_head(received, *head, h1::request_limits());
    if (parsed.state == h1::parse_state::refused) return std::unexpected(parsed.why);
    if (parsed.state == h1::parse_state::incomplete) return std::nullopt;
    if (head->body == framing::length && head->content_length > body_max)
        return std::unexpected(refusal{413, "body-limit"});
    return read_head{.request = copy_of(*head),
                     .body = h1::body_reader(*head, {.body = body_max}),
                     .keeps_alive = head->keep_alive,
                     .expects_continue = head->expect_continue,
                     .size = parsed.consumed};
}

std::string text_of(const served_answer& answer, std::string_view date, bool keeps_alive,
                    bool without_body) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    text.append(reason_of(answer.status)).append("\r\nDate: ").append(date);
    text.append("\r\nContent-Type: ").append(answer.content_type);
    text.append("\r\nContent-Length: ").append(std::to_string(answer.body.size()));
    text.append("\r\n").append(answer.lines);
    if (!keeps_alive) text.append("Connection: close\r\n");
    text.append("\r\n");
    if (!without_body) text.append(answer.body);
    return text;
}

}  // namespace

std::string_view served_request::field(std::string_view name) const noexcept {
    for (const auto& [each, value] : fields)
        if (equal_ignoring_case(each, name)) return value;
    return {};
}

task<> server::serve(std::unique_ptr<io::listener> from) {
    stop_source over;
    const context conditions{.stop = &over};
    scope clients(conditions);
    for (;;) {
        auto client = co_await from->accept();
        if (client) {
            if (has_room_for((*client)->peer().ip()))
                clients.spawn(serve_client(std::move(*client)));
            continue;
        }
        if (client.error().code == errc::cancelled) break;
        (void)co_await sleep_for(accept_pause);
    }
    over.stop();
    co_await clients.join();
}

bool server::has_room_for(const io::ip_address& peer) const {
    if (connections_ >= settings_.connections_max) return false;
    if (peer.is_none() || peer.is_loopback()) return true;
    const auto known = connections_of_.find(peer);
    return known == connections_of_.end() || known->second < settings_.connections_of_peer_max;
}

task<> server::serve_client(std::unique_ptr<io::stream> client) {
    served_request who;
    who.peer = client->peer();
    const io::ip_address address = who.peer.ip();
    ++connections_;
    ++connections_of_[address];
    who.user = client->peer_user();
    if (auto terms = settings_.tls ? settings_.tls() : nullptr)
        client = co_await shake_hands(std::move(client), std::move(terms), who);
    std::string received;
    bool is_first = true;
    while (client && co_await serve_one(*client, received, who, is_first)) is_first = false;
    --connections_;
    if (--connections_of_[address] == 0) connections_of_.erase(address);
}

/// Null where they did not agree.
task<std::unique_ptr<io::stream>> server::shake_hands(
    std::unique_ptr<io::stream> client, std::shared_ptr<const tls::server_context> terms,
    served_request& who) {
    auto over = terms->accept(std::move(client), tls_room_);
    const auto stands = co_await with_deadline(settings_.head_timeout, over->connected());
    if (!stands) co_return nullptr;
    who.certificate = over->settled().client_subject;
    co_return std::move(over);
}

/// True when another request may follow.
task<bool> server::serve_one(io::stream& client, std::string& received, const served_request& who,
                             bool is_first) {
    const auto patience = is_first ? settings_.head_timeout : settings_.idle_timeout;
    const steady_time end = loop::current().now().steady + patience;
    std::optional<read_head> head;
    for (;;) {
        if (!received.empty()) {
            auto parsed = parse(received, settings_.body_max);
            if (!parsed) co_return co_await refuse(client, parsed.error());
            if (*parsed) {
                head = std::move(**parsed);
                break;
            }
        }
        auto lent = co_await with_deadline_at(end, client.read());
        if (!lent) co_return false;
        received.append(lent->data(), lent->size());
    }
    received.erase(0, head->size);
    head->request.peer = who.peer;
    head->request.user = who.user;
    head->request.certificate = who.certificate;

    if (head->expects_continue && received.empty())
        (void)co_await with_deadline_at(end,
                                        client.write(io::pieces("HTTP/1.1 100 Continue\r\n\r\n")));
    while (!head->body.is_done()) {
        if (received.empty()) {
            auto lent = co_await with_deadline_at(end, client.read());
            if (!lent) co_return false;
            received.assign(lent->data(), lent->size());
        }
        const auto step = head->body.decode({received.data(), received.size()});
        if (step.why) co_return co_await refuse(client, *step.why);
        head->request.body.append(step.payload.data(), step.payload.size());
        received.erase(0, step.consumed);
    }

    const served_answer answer = co_await handler_(head->request);
    const std::string text = text_of(answer, dates_.text(loop::current().now().wall),
                                     head->keeps_alive, head->request.method == "HEAD");
    const auto told = co_await with_idle_limit(settings_.idle_timeout,
                                               client.write(io::pieces(std::string_view(text))));
    co_return told && head->keeps_alive;
}

task<bool> server::refuse(io::stream& client, refusal why) {
    std::array<char, h1::own_answer_max> room;
    const auto text = h1::write_answer(
        {.status = why.status, .date = dates_.text(loop::current().now().wall)}, room);
    (void)co_await with_deadline(settings_.head_timeout, client.write(io::pieces(text)));
    client.shut_down_writing();
    co_return false;
}

}  // namespace hawser::http
