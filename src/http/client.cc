// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <memory>
#include <optional>
#include <utility>

#include "http/h1/body.h"
#include "http/h1/parser.h"
#include "http/message.h"
#include "io/stream.h"

namespace hawser::http {

namespace {

std::string text_of(const client_request& what) {
    std::string text = what.method + ' ' + what.target + " HTTP/1.1\r\nHost: " + what.host +
                       "\r\nConnection: close\r\n" + what.lines;
    if (!what.body.empty() || what.method == "POST")
        text += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
    return text + "\r\n" + what.body;
}

/// What an answer's head says, once it is there.
struct answer_head {
    unsigned status = 0;
    h1::body_reader body;
    std::size_t size = 0;
    bool is_interim = false;
};

result<std::optional<answer_head>> parse(std::string& received, const client_request& what) {
    const auto head = std::make_unique<response_head>();
    const auto parsed = h1::parse_response_head({received.data(), received.size()},
                                                {.head = what.method == "HEAD"}, *head, {});
    if (parsed.state == h1::parse_state::refused)
        return fail(errc::malformed,
                    "the answer is no HTTP that is understood: " + std::string(parsed.why.cause));
    if (parsed.state == h1::parse_state::incomplete) return std::nullopt;
    return answer_head{.status = head->status,
                       .body = h1::body_reader(*head, {.body = what.answer_max}),
                       .size = parsed.consumed,
                       .is_interim = head->is_interim()};
}

/// The head of the final answer; what follows it stays in `received`.
task<result<answer_head>> read_head(io::stream& from, std::string& received,
                                    const client_request& what) {
    for (;;) {
        if (!received.empty()) {
            auto parsed = parse(received, what);
            if (!parsed) co_return std::unexpected(std::move(parsed.error()));
            if (*parsed) {
                received.erase(0, (*parsed)->size);
                if (!(*parsed)->is_interim) co_return std::move(**parsed);
                continue;
            }
        }
        const auto lent = co_await from.read();
        if (!lent) co_return std::unexpected(lent.error());
        received.append(lent->data(), lent->size());
    }
}

task<result<std::string>> read_body(io::stream& from, std::string received, h1::body_reader body) {
    std::string whole;
    while (!body.is_done()) {
        if (received.empty()) {
            const auto lent = co_await from.read();
            if (!lent && lent.error().code == errc::end_of_stream &&
                body.completes_at_end_of_stream())
                break;
            if (!lent) co_return std::unexpected(lent.error());
            received.assign(lent->data(), lent->size());
        }
        const auto step = body.decode({received.data(), received.size()});
        if (step.why)
            co_return fail(errc::malformed, "the answer's body: " + std::string(step.why->cause));
        whole.append(step.payload.data(), step.payload.size());
        received.erase(0, step.consumed);
    }
    co_return whole;
}

}  // namespace

task<result<client_answer>> ask(io::engine& with, io::endpoint at, client_request what) {
    auto connection = with.connect(at);
    if (!connection) co_return std::unexpected(std::move(connection.error()));
    io::stream& server = **connection;
    auto stands = co_await server.connected();
    if (!stands) co_return std::unexpected(std::move(stands.error()));

    const std::string text = text_of(what);
    auto sent = co_await server.write(io::pieces(std::string_view(text)));
    if (!sent) co_return std::unexpected(std::move(sent.error()));

    std::string received;
    auto head = co_await read_head(server, received, what);
    if (!head) co_return std::unexpected(std::move(head.error()));
    auto body = co_await read_body(server, std::move(received), std::move(head->body));
    if (!body) co_return std::unexpected(std::move(body.error()));
    co_return client_answer{.status = head->status, .body = std::move(*body)};
}

}  // namespace hawser::http
