// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_server.h"

#include <utility>

#include "async/loop.h"
#include "base/ensure.h"

namespace hawser::proxy {

using http::h2::error_code;

h2_server::~h2_server() {
    if (stream_ == nullptr) return;
    const bool is_over = stream_->is_closed();
    stream_->listen(nullptr);
    over_->session().release(*stream_, error_code::cancel);
    over_->released(!is_over);
}

void h2_server::stirred() noexcept {
    incoming_.set();
    outgoing_.set();
}

/// Whether the server has seen anything of it: by REFUSED_STREAM, or a GOAWAY with a lower id, it
/// says that it has not.
error h2_server::why_closed() const {
    if (stream_->closed_with() == error_code::refused_stream)
        return {errc::unavailable, "the server has not taken the stream", true};
    return {errc::reset, std::string(http::h2::name_of(stream_->closed_with()))};
}

task<result<>> h2_server::send(outgoing_head head, body_part first) {
    is_head_ = head.is_head;
    std::string text;
    text.reserve(head.line.size() + head.host.size() + head.fields.size());
    text.append(head.line).append(head.host).append(head.fields);
    const bool is_last = first.is_last && first.payload.empty() && first.trailers.empty();
    if (!over_->can_open())
        co_return fail(errc::unavailable, "the connection takes no more streams", true);
    stream_ = &over_->session().open(text, scheme_, is_last);
    stream_->listen(this);
    over_->has_to_send();
    if (is_last) co_return result<>();
    co_return co_await send(first);
}

task<result<>> h2_server::send(body_part part) {
    // Until the first wait the views are there; what has no room by then is copied.
    std::string kept;
    std::string trailers(part.trailers);
    std::string_view left = part.payload;
    for (;;) {
        left.remove_prefix(over_->session().send(*stream_, left));
        over_->has_to_send();
        if (stream_->is_closed()) co_return std::unexpected(why_closed());
        if (left.empty()) break;
        if (kept.empty()) {
            kept.assign(left);
            left = kept;
        }
        if (auto woken = co_await outgoing_.wait(); !woken) co_return woken;
    }
    if (part.is_last) {
        over_->session().finish(*stream_, trailers);
        over_->has_to_send();
    }
    co_return result<>();
}

task<result<>> h2_server::next_head(http::response_head& head) {
    constexpr http::h1::response_limits bounds;
    while (!stream_->has_head()) {
        if (stream_->is_closed()) co_return std::unexpected(why_closed());
        if (auto woken = co_await incoming_.wait(); !woken) co_return woken;
    }
    note_answer(loop::current().now().steady);
    head_ = stream_->take_head();
    if (auto why = http::h2::read_response_head(head_, {.head = is_head_}, head, bounds))
        co_return fail(errc::malformed, std::string(why->cause));
    if (!head.is_interim()) body_.begin(http::h2::body_reader(head));
    co_return result<>();
}

body_result h2_server::take_body() {
    give_back_window();
    const auto step = body_.take(*stream_);
    if (step.why) return std::unexpected(http::refusal{502, step.why->cause});
    if (!step.done && step.payload.empty() && stream_->is_closed())
        return std::unexpected(http::refusal{502, "answer-cut"});
    return body_part{.payload = {step.payload.data(), step.payload.size()},
                     .is_last = step.done,
                     .trailers = step.done ? stream_->trailers() : std::string_view()};
}

task<body_result> h2_server::read_body() {
    give_back_window();
    while (stream_->payload().empty() && !stream_->has_ended() && !stream_->is_closed()) {
        const auto woken = co_await incoming_.wait();
        if (!woken && woken.error().code == errc::cancelled)
            co_return std::unexpected(nobody_waits);
        if (!woken) co_return std::unexpected(http::refusal{504, "answer-timeout"});
    }
    co_return take_body();
}

void h2_server::give_back_window() {
    if (body_.give_back(over_->session(), *stream_)) over_->has_to_send();
}

io::stream& h2_server::raw() noexcept { die("no tunnel is asked for over HTTP/2 to a server"); }

}  // namespace hawser::proxy
