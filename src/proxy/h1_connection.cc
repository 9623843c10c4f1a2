// SPDX-License-Identifier: Apache-2.0
#include "proxy/h1_connection.h"

#include <utility>

#include "async/with.h"
#include "http/h1/parser.h"
#include "http/h1/writer.h"
#include "http/h2/frame.h"
#include "proxy/exchange.h"
#include "proxy/h1_client.h"
#include "proxy/h2_connection.h"

namespace hawser::proxy {

namespace {

/// The preface of HTTP/2, as far as the parser of HTTP/1 has to see it to refuse it.
constexpr std::string_view http2_line =
    http::h2::preface.substr(0, http::h2::preface.find('\n') + 1);

}  // namespace

task<> h1_connection::serve(station& at, std::shared_ptr<listener_post> through, arrival who) {
    // The head deadline runs from accept, later from a request's first byte (E58). Who sends
    // nothing is left without an answer (E59).
    const steady_time head_end = who.came + through->settings->head_timeout;
    return serve(std::make_unique<h1_connection>(at, std::move(through), std::move(who)), head_end);
}

/// An idle client waits here, in this frame alone, and holds no buffer. What is not needed for that
/// has no place in it. Whoever was not told to leave before the node retired may ask once more.
task<> h1_connection::serve(std::unique_ptr<h1_connection> self, steady_time idle_end) {
    do {
        self->is_idle_ = true;
        if (!self->take(co_await with_stop(self->gone(),
                                           with_deadline_at(idle_end, self->stream().read()))))
            break;
        if (!co_await self->serve_requests(self->has_asked_ ? no_deadline : idle_end)) break;
        idle_end = self->at().now().steady + self->settings().idle_timeout;
    } while (!self->takes_leave() || self->at().is_retired());
    if (self->lingers_) co_await self->linger();
    if (self->begins_http2_) co_await go_on_in_http2(std::move(self));
}

bool h1_connection::take(const result<std::span<char>>& lent) noexcept {
    is_idle_ = false;
    if (lent) input_.take(*lent);
    return lent.has_value();
}

task<> h1_connection::go_on_in_http2(std::unique_ptr<h1_connection> before) {
    const auto bytes = before->input_.bytes();
    std::string first_words(bytes.data(), bytes.size());
    station& at = before->at();
    auto through = before->through();
    auto who = before->hand_over();
    before.reset();
    return h2_connection::serve(at, std::move(through), std::move(who), std::move(first_words));
}

task<> h1_connection::turn_away(station& at, std::unique_ptr<io::stream> client) {
    const auto answer = http::h1::write_answer(
        {.status = 503, .retry_after = 1, .date = at.dates.text(at.now().wall)}, at.out);
    const steady_time end = at.now().steady + limits::linger_time;
    if (!co_await with_deadline_at(end, client->write(io::pieces(answer)))) co_return;
    // Closing over what the client has sent would reset what it has not read yet.
    client->shut_down_writing();
    std::size_t dropped = 0;
    while (dropped < limits::linger_bytes_max) {
        const auto lent = co_await with_deadline_at(end, client->read());
        if (!lent) co_return;
        dropped += lent->size();
    }
}

/// Serves the requests that have come; true when the client may go idle, and has sent no more.
task<bool> h1_connection::serve_requests(steady_time head_end) {
    if (head_end == no_deadline) head_end = at().now().steady + settings().head_timeout;
    while (!input_.empty()) {
        if (!co_await read_head(head_end)) co_return false;
        h1_client asked(*this, at().request.minor);
        exchange served(asked, at());
        outcome ended = co_await with_stop(gone(), served.run(at().request));
        if (ended == outcome::keeps_alive && !asked.has_whole_body() &&
            !co_await with_stop(gone(), asked.drain_body()))
            ended = outcome::lingers;
        if (ended != outcome::keeps_alive) {
            lingers_ = ended == outcome::lingers;
            co_return false;
        }
        input_.settle();
        head_end = at().now().steady + settings().head_timeout;
    }
    co_return true;
}

/// True once the station's request is a whole head and the input begins behind it.
task<bool> h1_connection::read_head(steady_time head_end) {
    std::size_t added = input_.bytes().size();
    for (;;) {
        const std::span<char> bytes = input_.bytes();
        const std::string_view text(bytes.data(), bytes.size());
        if (http::h1::worth_parsing(text, added, settings().limits)) {
            const auto parsed = http::h1::parse_request_head(text, at().request, settings().limits);
            if (parsed.state == http::h1::parse_state::complete) {
                has_asked_ = true;
                input_.use(parsed.consumed);
                co_return true;
            }
            if (parsed.state == http::h1::parse_state::refused) {
                begins_http2_ = !has_asked_ && settings().http2 && secured() == nullptr &&
                                text.starts_with(http2_line);
                if (begins_http2_) co_return false;
                co_await refuse(parsed.why);
                co_return false;
            }
        }
        input_.keep();
        auto more = co_await with_stop(gone(), with_deadline_at(head_end, stream().read()));
        if (!more) {
            const bool is_late = more.error().code == errc::timed_out;
            if (!is_late && more.error().code != errc::end_of_stream) co_return false;
            // A line without its end was not looked at yet, and may be faulty already (E2).
            const auto begun = http::h1::parse_request_head(
                {input_.bytes().data(), input_.bytes().size()}, at().request, settings().limits);
            const bool is_faulty = begun.state == http::h1::parse_state::refused;
            if (!is_late && !is_faulty) co_return false;
            co_await refuse(is_faulty ? begun.why : http::refusal{408, "head-timeout"});
            co_return false;
        }
        added = more->size();
        input_.append(*more);
    }
}

/// Answers what was not even a request.
task<> h1_connection::refuse(http::refusal why) {
    lingers_ = true;
    h1_client unparsed(*this, 1);
    exchange refused(unparsed, at());
    co_await with_stop(gone(), refused.refuse_unread(why));
}

}  // namespace hawser::proxy
