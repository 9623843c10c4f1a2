// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_client.h"

#include <algorithm>
#include <utility>

#include "async/with.h"

namespace hawser::proxy {

using http::h2::error_code;

h2_client::h2_client(h2_connection& of, http::h2::stream& over)
    : client_side(of), connection_(of), stream_(over), gone_(of.gone()), head_(over.take_head()) {
    stream_.listen(this);
}

h2_client::~h2_client() {
    // After a whole answer the rest of the request is not wanted (RFC 9113 8.1); without one the
    // client must not take what it has for whole (E103).
    const auto unless_closed =
        stream_.is_sent() ? error_code::no_error : error_code::internal_error;
    connection_.session().release(stream_, unless_closed);
}

void h2_client::blame() { connection_.session().reset(stream_, error_code::protocol_error, true); }

void h2_client::stirred() noexcept {
    incoming_.set();
    outgoing_.set();
    if (raw_) raw_->stirred();
    const bool is_over = stream_.is_sent() && stream_.has_ended();
    if (stream_.is_closed() && !is_over) gone_.stop();
}

// ---- the request's body ---------------------------------------------------------------------

void h2_client::begin_body(const http::request_head& head, std::uint64_t body_max) {
    body_.begin(http::h2::body_reader(head, body_max));
}

bool h2_client::has_whole_body() const noexcept {
    return head_.is_last || head_.is_websocket || body_.is_done();
}

std::uint64_t h2_client::body_received() const noexcept { return body_.received(); }

body_result h2_client::take_body() {
    give_back_window();
    if (has_whole_body()) return body_part{.is_last = true};
    const auto step = body_.take(stream_);
    if (step.why) return std::unexpected(*step.why);
    return body_part{.payload = {step.payload.data(), step.payload.size()},
                     .is_last = step.done,
                     .trailers = step.done ? stream_.trailers() : std::string_view()};
}

task<body_result> h2_client::read_body() {
    const steady_time end = connection_.at().now().steady + connection_.settings().body_timeout;
    for (;;) {
        auto come = take_body();
        if (!come || come->is_last || !come->payload.empty()) co_return come;
        if (auto why = co_await wait_for_more(end)) co_return std::unexpected(*why);
    }
}

task<std::optional<http::refusal>> h2_client::see_empty_body() {
    const steady_time end = connection_.at().now().steady + connection_.settings().body_timeout;
    while (!stream_.has_ended() && stream_.payload().empty())
        if (auto why = co_await wait_for_more(end)) co_return why;
    if (!stream_.payload().empty()) co_return http::refusal{400, "content-length-differs"};
    head_.is_last = true;
    co_return stream_.fault();
}

task<std::optional<http::refusal>> h2_client::wait_for_more(steady_time end) {
    if (stream_.is_closed()) co_return http::refusal{400, "body-cut"};
    const auto woken = co_await with_deadline_at(end, incoming_.wait());
    if (woken) co_return std::nullopt;
    if (woken.error().code == errc::cancelled) co_return nobody_waits;
    co_return http::refusal{408, "body-timeout"};
}

void h2_client::give_back_window() {
    if (body_.give_back(connection_.session(), stream_)) connection_.has_to_send();
}

// ---- the answer -----------------------------------------------------------------------------

std::size_t h2_client::room() const noexcept {
    return std::max<std::size_t>(connection_.session().room(stream_), 1);
}

task<result<>> h2_client::write_interim(std::string_view head) {
    connection_.session().send_head(stream_, head, false);
    connection_.has_to_send();
    count_sent(head.size());
    co_return result<>();
}

task<result<>> h2_client::write(std::string_view head, body_part part) {
    auto& session = connection_.session();
    const bool is_head_alone = part.is_last && part.payload.empty() && part.trailers.empty();
    if (!head.empty()) session.send_head(stream_, head, is_head_alone);
    count_sent(head.size() + part.payload.size());

    part.payload.remove_prefix(session.send(stream_, part.payload));
    if (part.payload.empty() && part.is_last) session.finish(stream_, part.trailers);
    connection_.has_to_send();
    if (!part.is_last && part.payload.empty() && session.room(stream_) != 0) co_return result<>();
    co_return co_await write_rest(std::string(part.payload), part.is_last,
                                  std::string(part.trailers));
}

/// Waits until the rest has found room, and then for more room, or for the end to be out. A client
/// that opens no window for too long loses its stream, not its connection (E61).
task<result<>> h2_client::write_rest(std::string rest, bool is_last, std::string trailers) {
    auto& session = connection_.session();
    const auto patience = connection_.settings().write_timeout;
    steady_time end = connection_.at().now().steady + patience;
    std::size_t before = stream_.unsent();
    for (;;) {
        if (!rest.empty()) {
            rest.erase(0, session.send(stream_, rest));
            if (rest.empty() && is_last) session.finish(stream_, trailers);
            connection_.has_to_send();
        }
        const bool is_done = is_last ? stream_.is_sent() : session.room(stream_) != 0;
        if (rest.empty() && is_done) co_return result<>();
        if (stream_.is_closed()) co_return fail(errc::reset);
        const auto woken = co_await with_deadline_at(end, outgoing_.wait());
        if (!woken && woken.error().code == errc::timed_out)
            session.reset(stream_, error_code::cancel);
        if (!woken) {
            connection_.has_to_send();
            co_return woken;
        }
        if (std::exchange(before, stream_.unsent()) != stream_.unsent())
            end = connection_.at().now().steady + patience;
    }
}

void h2_client::cut() noexcept {
    connection_.session().reset(stream_, error_code::internal_error);
    connection_.has_to_send();
}

// ---- a tunnel -------------------------------------------------------------------------------

io::stream& h2_client::raw() noexcept {
    if (!raw_) raw_.emplace(connection_, stream_);
    return *raw_;
}

std::string_view h2_client::unread() const noexcept {
    const auto bytes = stream_.payload();
    return {bytes.data(), bytes.size()};
}

void h2_client::drop_unread() {
    connection_.session().consume(stream_, stream_.payload().size());
    connection_.has_to_send();
}

}  // namespace hawser::proxy
