// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "http/client_text.h"
#include "http/h1/body.h"
#include "http/h1/parser.h"
#include "http/message.h"
#include "io/stream.h"

namespace hawser::http {

namespace {

/// What an answer's head says, once it is there.
struct answer_head {
    client_answer told;
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
    return answer_head{
        .told = answer_of(*head),
        .body = h1::body_reader(*head, {.body = what.takes_begin ? UINT64_MAX : what.answer_max}),
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

task<result<>> read_body(io::stream& from, std::string received, answer_head& head,
                         const client_request& what) {
    std::string& whole = head.told.body;
    while (!head.body.is_done() && !(what.takes_begin && whole.size() >= what.answer_max)) {
        if (received.empty()) {
            const auto lent = co_await from.read();
            if (!lent && lent.error().code == errc::end_of_stream &&
                head.body.completes_at_end_of_stream())
                break;
            if (!lent) co_return std::unexpected(lent.error());
            received.assign(lent->data(), lent->size());
        }
        const auto step = head.body.decode({received.data(), received.size()});
        if (step.why)
            co_return fail(errc::malformed, "the answer's body: " + std::string(step.why->cause));
        whole.append(step.payload.data(), step.payload.size());
        received.erase(0, step.consumed);
    }
    if (what.takes_begin && whole.size() > what.answer_max) whole.resize(what.answer_max);
    co_return result<>();
}

}  // namespace

std::string_view client_answer::field(std::string_view name) const {
    for (const auto& [each, value] : fields)
        if (equal_ignoring_case(each, name)) return value;
    return {};
}

std::string_view client_answer::trailer(std::string_view name) const {
    std::string_view lines = trailers;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(std::min(lines.size(), line.size() + 2));
        if (line.size() <= name.size() || line[name.size()] != ':') continue;
        if (!equal_ignoring_case(line.substr(0, name.size()), name)) continue;
        const auto value = line.substr(name.size() + 1);
        return value.substr(std::min(value.find_first_not_of(' '), value.size()));
    }
    return {};
}

task<result<client_answer>> ask(io::engine& with, io::endpoint at, client_request what) {
    auto connection = with.connect(at);
    if (!connection) co_return std::unexpected(std::move(connection.error()));
    auto stands = co_await (*connection)->connected();
    if (!stands) co_return std::unexpected(std::move(stands.error()));
    co_return co_await ask_over(**connection, std::move(what));
}

task<result<client_answer>> ask_over(io::stream& server, client_request what) {
    const std::string text = head_text_of(what) + what.body;
    auto sent = co_await server.write(io::pieces(std::string_view(text)));
    if (!sent) co_return std::unexpected(std::move(sent.error()));

    std::string received;
    auto head = co_await read_head(server, received, what);
    if (!head) co_return std::unexpected(std::move(head.error()));
    auto read = co_await read_body(server, std::move(received), *head, what);
    if (!read) co_return std::unexpected(std::move(read.error()));
    co_return std::move(head->told);
}

}  // namespace hawser::http
