// SPDX-License-Identifier: Apache-2.0
#include "proxy/h1_client.h"

#include <algorithm>

#include "async/with.h"
#include "proxy/body_piece.h"

namespace hawser::proxy {

namespace {

/// A piece up to this size is copied behind the head: one run is sent faster than two.
constexpr std::size_t copied_max = 16 * 1024;

http::refusal why_not_read(errc code) {
    switch (code) {
        case errc::cancelled: return nobody_waits;
        case errc::timed_out: return {408, "body-timeout"};
        default: return {400, "body-cut"};
    }
}

}  // namespace

body_result h1_client::take_body() {
    input& in = connection_.input();
    const auto step = body_.decode(in.bytes());
    if (step.why) return std::unexpected(*step.why);
    in.use(step.consumed);
    return body_part{.payload = {step.payload.data(), step.payload.size()},
                     .is_last = step.done,
                     .trailers = step.done ? body_.trailers() : std::string_view()};
}

task<body_result> h1_client::read_body() {
    input& in = connection_.input();
    in.settle();
    if (in.empty()) {
        auto lent = co_await with_idle_limit(connection_.settings().body_timeout,
                                             connection_.stream().read());
        if (!lent) co_return std::unexpected(why_not_read(lent.error().code));
        in.take(*lent);
    }
    co_return take_body();
}

answer_form h1_client::form_of(const http::response_head& head) {
    const bool has_no_length = head.body == http::framing::chunked ||  //
                               head.body == http::framing::until_close;
    rechunked_ = has_no_length && !is_http_1_0_;
    ends_by_close_ = has_no_length && is_http_1_0_;
    return {
        .to_http_1_0 = is_http_1_0_, .rechunked = rechunked_, .may_keep_alive = !ends_by_close_};
}

/// Never to HTTP/1.0 (E75).
task<result<>> h1_client::write_interim(std::string_view head) {
    if (is_http_1_0_) co_return result<>();
    count_sent(head.size());
    co_return co_await with_idle_limit(connection_.settings().write_timeout,
                                       connection_.stream().write(io::pieces(head)));
}

task<result<>> h1_client::write(std::string_view head, body_part part) {
    const std::string_view trailers = rechunked_ ? part.trailers : std::string_view();
    const body_piece piece(rechunked_, part.payload, part.is_last, !trailers.empty());
    io::pieces sent(head, piece.before(), piece.payload(), piece.after());
    count_sent(sent.size());
    if (sent.size() == 0) co_return result<>();

    auto& room = connection_.at().out;
    if (head.data() == room.data() && head.size() + copied_max <= room.size() &&
        sent.size() <= head.size() + copied_max) {
        char* end = room.data() + head.size();
        for (const auto view : {piece.before(), piece.payload(), piece.after()})
            end = std::copy(view.begin(), view.end(), end);
        sent = io::pieces(std::string_view(room.data(), end));
    }
    const auto patience = connection_.settings().write_timeout;
    auto told = co_await with_idle_limit(patience, connection_.stream().write(sent));
    if (told && !trailers.empty())
        told = co_await with_idle_limit(
            patience, connection_.stream().write(io::pieces(trailers, http::h1::trailers_end)));
    if (!told && told.error().code == errc::timed_out) connection_.stream().reset_on_close();
    co_return told;
}

/// Where the end is told by the connection's end alone, only a reset is none.
void h1_client::cut() noexcept {
    if (ends_by_close_) connection_.stream().reset_on_close();
}

std::string_view h1_client::unread() const noexcept {
    const auto bytes = connection_.input().bytes();
    return {bytes.data(), bytes.size()};
}

void h1_client::drop_unread() {
    connection_.input().use(connection_.input().bytes().size());
    connection_.input().settle();
}

task<bool> h1_client::drain_body() {
    const steady_time end = connection_.at().now().steady + limits::linger_time;
    input& in = connection_.input();
    std::size_t dropped = 0;
    while (!body_.is_done() && dropped < limits::linger_bytes_max) {
        if (in.empty()) {
            auto lent = co_await with_deadline_at(end, connection_.stream().read());
            if (!lent) break;
            in.take(*lent);
        }
        const auto step = body_.decode(in.bytes());
        if (step.why) break;
        dropped += step.consumed;
        in.use(step.consumed);
    }
    in.keep();
    co_return body_.is_done();
}

}  // namespace hawser::proxy
