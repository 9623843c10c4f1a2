// SPDX-License-Identifier: Apache-2.0
// Step 6 of a request's way: to the server, until the head of its answer has come.

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "proxy/body_piece.h"
#include "proxy/exchange.h"
#include "proxy/heads.h"

namespace hawser::proxy {

using upstream::failure;

namespace {

/// Before this, a body's rate says nothing (E60).
constexpr auto rate_grace = std::chrono::seconds(10);

std::string_view text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

failure failure_of(const error& why) {
    if (why.safe_to_retry) return failure::connect;
    return why.code == errc::timed_out ? failure::timed_out : failure::no_answer;
}

}  // namespace

/// Sends the request to `to` and reads the head of its answer into the station's room.
task<result<>> exchange::forward(server_post& to) {
    ++record_.attempts;
    if (is_logged_) {
        record_.put(observe::text::server, to.server->name());
        record_.put(observe::text::server_address, to.address_text);
    }
    if (!to.server->places.take(place_))
        co_return fail(errc::exhausted, "the server has no place left", true);
    mark_.emplace(to.load);

    server_ = take_idle(to);
    is_fresh_ = !server_;
    if (is_fresh_) {
        client_.input.keep();
        if (auto opened = co_await open(to); !opened) {
            // Our own want of descriptors or ports says nothing about the server.
            const errc why = opened.error().code;
            if (why != errc::cancelled && why != errc::exhausted) report(to, failure::connect);
            opened.error().safe_to_retry = why != errc::cancelled;
            co_return opened;
        }
    } else {
        to.counters.connections_reused.add();
        record_.connect = std::chrono::microseconds(0);
    }

    auto begun = co_await send_request();
    if (begun) begun = co_await read_answer_head();
    if (!begun && begun.error().code != errc::cancelled &&
        (is_fresh_ || answer_begun_ || begun.error().code == errc::timed_out))
        report(to, failure_of(begun.error()));
    if (!begun) co_await drop_server();
    co_return begun;
}

task<result<>> exchange::open(server_post& to) {
    const steady_time began = station_.now().steady;
    auto begun = station_.worker.io().connect(to.server->address());
    if (!begun) co_return std::unexpected(std::move(begun.error()));
    server_ = upstream::connection(std::move(*begun), to.load);
    auto stands = co_await with_deadline(pool_->setup->servers->settings().timeouts.connect,
                                         server_->connected());
    if (!stands) {
        server_.close();
        co_return stands;
    }
    record_.connect =
        std::chrono::duration_cast<std::chrono::microseconds>(station_.now().steady - began);
    co_return result<>();
}

/// A kept connection. One that the server has closed meanwhile costs nobody an error (E69): what
/// could not be sent again looks at it first, the rest relies on the loop's events.
upstream::connection exchange::take_idle(server_post& to) {
    if (needs_fresh_) return {};
    if (client_.pinned && client_.pinned->to->is_retired) client_.pinned.reset();
    if (client_.pinned && client_.pinned->to.get() == &to) {
        const auto pinned = std::move(client_.pinned);
        is_pinned_ = true;
        if (pinned->kept->is_quiet()) return std::move(pinned->kept);
    }
    for (;;) {
        auto kept = to.idle.take();
        if (!kept || asked_.is_repeatable || !kept->has_input()) return kept;
    }
}

/// Head and what has come of the body, in one send; the rest follows beside the answer.
task<result<>> exchange::send_request() {
    std::string_view payload;
    if (!body_.is_done()) {
        const auto step = body_.decode(client_.input.bytes());
        if (step.why) {
            upload_refusal_ = step.why;
            co_return fail(errc::cancelled);
        }
        payload = text_of(step.payload);
        client_.input.use(step.consumed);
    }
    const bool is_last = body_.is_done();
    const bool has_body = asked_.is_chunked || !payload.empty() || !is_last;
    const body_piece piece(asked_.is_chunked, payload, is_last, !body_.trailers().empty());

    // Host goes behind the request line, where it is not the client's own.
    std::string_view line;
    std::string host;
    std::string_view rest = sent_head_;
    if (host_is_theirs_) {
        line = sent_head_.substr(0, sent_head_.find("\r\n") + 2);
        rest.remove_prefix(line.size());
        // A socket in the file system has an address, but its path is no host.
        const bool has_host = !target_->address_text.starts_with("unix:");
        host = "Host: " + (has_host ? target_->address_text : "localhost") + "\r\n";
    }
    client_.input.keep();
    body_begun_ = has_body;
    const auto patience = pool_->setup->servers->settings().timeouts.idle;
    auto sent = co_await with_idle_limit(
        patience, server_->write(io::pieces(line, host, rest, piece.before(), piece.payload(),
                                            piece.after())));
    if (!sent) co_return sent;
    if (is_last && !body_.trailers().empty()) {
        sent = co_await with_idle_limit(
            patience, server_->write(io::pieces(body_.trailers(), http::h1::trailers_end)));
        if (!sent) co_return sent;
    }
    upload_ended_ = station_.now().steady;
    if (!is_last) {
        abort_.emplace(client_.gone());
        upload_conditions_ = {.stop = &*abort_};
        uploads_.emplace(upload_conditions_);
        uploads_->spawn(upload());
    }
    co_return result<>();
}

/// The rest of the request's body. A faulty or ended one breaks the whole exchange off, so that
/// the server can never take the request for complete (E19).
task<> exchange::upload() {
    const auto body_patience = client_.settings().body_timeout;
    const auto server_patience = pool_->setup->servers->settings().timeouts.idle;
    while (!body_.is_done()) {
        if (client_.input.empty()) {
            const steady_time waits = station_.now().steady;
            auto lent = co_await with_idle_limit(body_patience, client_.client().read());
            waited_for_body_ += station_.now().steady - waits;
            if (!lent && lent.error().code == errc::cancelled) co_return;
            if (!lent && lent.error().code == errc::timed_out)
                co_return abort_upload({408, "body-timeout"});
            if (!lent) co_return abort_upload({400, "body-cut"});
            client_.input.take(*lent);
        }
        const auto step = body_.decode(client_.input.bytes());
        if (step.why) co_return abort_upload(*step.why);
        if (is_too_slow()) co_return abort_upload({408, "body-rate"});

        const body_piece piece(asked_.is_chunked, text_of(step.payload), step.done,
                               !body_.trailers().empty());
        client_.input.use(step.consumed);
        client_.input.keep();
        auto sent = co_await with_idle_limit(
            server_patience,
            server_->write(io::pieces(piece.before(), piece.payload(), piece.after())));
        if (sent && step.done && !body_.trailers().empty())
            sent = co_await with_idle_limit(
                server_patience,
                server_->write(io::pieces(body_.trailers(), http::h1::trailers_end)));
        client_.input.settle();
        // The server may have answered before it stopped reading: who waits for that will see.
        if (!sent) co_return;
    }
    upload_ended_ = station_.now().steady;
}

void exchange::abort_upload(http::refusal why) {
    upload_refusal_ = why;
    abort_->stop();
}

bool exchange::is_too_slow() const {
    if (waited_for_body_ < rate_grace) return false;
    const double seconds = std::chrono::duration<double>(waited_for_body_).count();
    return double(body_.received()) < double(client_.settings().body_rate_min) * seconds;
}

/// The server's connection is closed; whoever still sends over it ends before.
task<> exchange::drop_server() {
    if (uploads_) co_await end_upload();
    server_.close();
}

task<> exchange::end_upload() {
    abort_->stop();
    co_await uploads_->join();
    uploads_.reset();
}

/// What the server says next. Its time begins when the request has been sent.
task<result<std::span<char>>> exchange::read_answer() {
    const auto patience = pool_->setup->servers->settings().timeouts.response;
    for (;;) {
        const bool uploading = uploads_ && uploads_->running() != 0;
        const steady_time due = (uploading ? station_.now().steady : upload_ended_) + patience;
        auto lent = co_await with_stop(stop(), with_deadline_at(due, server_->read()));
        const bool still_has_time = uploads_ && (uploads_->running() != 0 ||
                                                 upload_ended_ + patience > station_.now().steady);
        if (lent || lent.error().code != errc::timed_out || !still_has_time) co_return lent;
    }
}

task<result<>> exchange::read_answer_head() {
    answer_input_ = {};
    constexpr http::h1::response_limits bounds;
    for (;;) {
        auto lent = co_await read_answer();
        if (!lent) {
            if (answer_begun_ && lent.error().code != errc::timed_out &&
                lent.error().code != errc::cancelled)
                co_return fail(errc::malformed, "the answer ended within its head");
            co_return std::unexpected(std::move(lent.error()));
        }
        if (!std::exchange(answer_begun_, true)) {
            record_.first_byte = std::chrono::duration_cast<std::chrono::microseconds>(
                station_.now().steady - began_);
            pool_->counters->upstream_duration.add(
                std::chrono::duration_cast<std::chrono::microseconds>(station_.now().steady -
                                                                      upload_ended_));
        }
        std::size_t added = lent->size();
        if (answer_input_.empty())
            answer_input_.take(*lent);
        else
            answer_input_.append(*lent);

        while (!answer_input_.empty()) {
            const auto bytes = answer_input_.bytes();
            if (!http::h1::worth_parsing(text_of(bytes), added, bounds)) break;
            const auto parsed = http::h1::parse_response_head(
                bytes, {.head = asked_.is_head, .websocket = asked_.wants_websocket},
                station_.response, bounds);
            if (parsed.state == http::h1::parse_state::refused)
                co_return fail(errc::malformed, std::string(parsed.why.cause));
            if (parsed.state == http::h1::parse_state::incomplete) break;
            if (!station_.response.is_interim()) {
                answer_input_.use(parsed.consumed);
                co_return result<>();
            }
            if (!co_await pass_interim(parsed.consumed))
                co_return fail(errc::malformed, "too many interim answers");
            added = answer_input_.bytes().size();
        }
        answer_input_.keep();
    }
}

/// 100, 103 and unknown ones go on in order, but never to HTTP/1.0 (E75).
task<bool> exchange::pass_interim(std::size_t consumed) {
    if (++interims_ > limits::interim_answers_max) co_return false;
    std::string_view told;
    if (asked_.minor == 1) told = write_interim_head(station_.response, station_.out);
    answer_input_.use(consumed);
    answer_input_.keep();
    if (told.empty()) co_return true;
    passed_on_ = true;
    record_.bytes_out += told.size();
    (void)co_await with_idle_limit(client_.settings().write_timeout,
                                   client_.client().write(io::pieces(told)));
    co_return true;
}

}  // namespace hawser::proxy
