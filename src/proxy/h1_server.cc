// SPDX-License-Identifier: Apache-2.0
#include "proxy/h1_server.h"

#include <string>

#include "async/loop.h"
#include "http/h1/parser.h"
#include "proxy/body_piece.h"

namespace hawser::proxy {

task<result<>> h1_server::send(outgoing_head head, body_part first) {
    is_head_ = head.is_head;
    wants_websocket_ = head.wants_websocket;
    is_chunked_ = head.is_chunked;
    const std::string_view trailers = trailers_of(first);
    const body_piece piece(is_chunked_, first.payload, first.is_last, !trailers.empty());
    auto sent = co_await over_->write(io::pieces(head.line, head.host, head.fields, piece.before(),
                                                 piece.payload(), piece.after()));
    if (sent && !trailers.empty())
        sent = co_await over_->write(io::pieces(trailers, http::h1::trailers_end));
    co_return sent;
}

task<result<>> h1_server::send(body_part part) {
    const std::string_view trailers = trailers_of(part);
    const body_piece piece(is_chunked_, part.payload, part.is_last, !trailers.empty());
    auto sent = co_await over_->write(io::pieces(piece.before(), piece.payload(), piece.after()));
    if (sent && !trailers.empty())
        sent = co_await over_->write(io::pieces(trailers, http::h1::trailers_end));
    co_return sent;
}

/// Behind a body of a known length they would be the begin of the next request.
std::string_view h1_server::trailers_of(const body_part& part) const noexcept {
    return is_chunked_ ? part.trailers : std::string_view();
}

task<result<>> h1_server::next_head(http::response_head& head) {
    constexpr http::h1::response_limits bounds;
    hold();
    std::size_t added = input_.bytes().size();
    for (;;) {
        const auto bytes = input_.bytes();
        if (!bytes.empty() &&
            http::h1::worth_parsing({bytes.data(), bytes.size()}, added, bounds)) {
            const auto parsed = http::h1::parse_response_head(
                bytes, {.head = is_head_, .websocket = wants_websocket_}, head, bounds);
            if (parsed.state == http::h1::parse_state::refused)
                co_return fail(errc::malformed, std::string(parsed.why.cause));
            if (parsed.state == http::h1::parse_state::complete) {
                head_size_ = parsed.consumed;
                if (head.is_interim()) co_return result<>();
                keeps_alive_ = head.keep_alive && head.body != http::framing::until_close;
                body_ = http::h1::body_reader(head);
                co_return result<>();
            }
        }
        input_.keep();
        auto lent = co_await over_->read(read_max());
        if (!lent) co_return std::unexpected(std::move(lent.error()));
        note_answer(loop::current().now().steady);
        added = lent->size();
        if (input_.empty())
            input_.take(*lent);
        else
            input_.append(*lent);
    }
}

body_result h1_server::take_body() {
    input_.use(std::exchange(head_size_, 0));
    if (body_.is_done()) return body_part{.is_last = true};
    const auto step = body_.decode(input_.bytes());
    if (step.why) return std::unexpected(http::refusal{502, step.why->cause});
    input_.use(step.consumed);
    return body_part{.payload = {step.payload.data(), step.payload.size()},
                     .is_last = step.done,
                     .trailers = step.done ? body_.trailers() : std::string_view()};
}

task<body_result> h1_server::read_body() {
    auto lent = co_await over_->read(read_max());
    if (lent) {
        input_.take(*lent);
        co_return take_body();
    }
    switch (lent.error().code) {
        case errc::end_of_stream:
            if (body_.completes_at_end_of_stream()) co_return body_part{.is_last = true};
            co_return std::unexpected(http::refusal{502, "answer-cut"});
        case errc::cancelled: co_return std::unexpected(nobody_waits);
        case errc::timed_out: co_return std::unexpected(http::refusal{504, "answer-timeout"});
        default: co_return std::unexpected(http::refusal{502, "answer-cut"});
    }
}

void h1_server::hold() {
    input_.use(std::exchange(head_size_, 0));
    input_.keep();
}

upstream::connection h1_server::give_back() {
    const bool is_reusable = keeps_alive_ && body_.is_done() && input_.empty() && over_->is_quiet();
    return is_reusable ? std::move(over_) : upstream::connection();
}

std::string_view h1_server::unread() const noexcept {
    const auto bytes = input_.bytes().subspan(head_size_);
    return {bytes.data(), bytes.size()};
}

}  // namespace hawser::proxy
