// SPDX-License-Identifier: Apache-2.0
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ensure.h"
#include "http/h2/field_lines.h"
#include "http/h2/library.h"
#include "http/h2/session.h"

namespace hawser::http::h2 {
namespace {

std::vector<nghttp2_nv> pairs_of(const field_lines& from) {
    std::vector<nghttp2_nv> pairs;
    pairs.reserve(from.fields().size());
    const auto bytes = [](std::string_view text) {
        // The library copies both and changes neither.
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    for (const auto& [name, value] : from.fields())
        pairs.push_back(
            {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    return pairs;
}

}  // namespace

struct sending {
    static session& of(void* data) { return *static_cast<session*>(data); }

    static nghttp2_data_provider outbox() { return {.source = {}, .read_callback = read_data}; }

    /// How much of a stream's outbox goes into the next DATA frame.
    static ssize_t read_data(nghttp2_session* library, std::int32_t id, std::uint8_t*,
                             std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                             void* data) {
        stream* const from = of(data).find(id);
        if (from == nullptr) return NGHTTP2_ERR_DEFERRED;  // released: its reset is on its way
        const std::size_t taken = std::min(size, from->outbox_.size());
        const bool is_last = from->last_out_ && taken == from->outbox_.size();
        if (taken == 0 && !is_last) {
            from->is_deferred_ = true;
            return NGHTTP2_ERR_DEFERRED;
        }
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
        if (is_last) *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (is_last && !from->trailers_out_.empty()) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            const auto lines = field_lines::of_trailers(from->trailers_out_);
            const auto pairs = pairs_of(lines);
            nghttp2_submit_trailer(library, id, pairs.data(), pairs.size());
        }
        return static_cast<ssize_t>(taken);
    }

    /// Copies one DATA frame from the outbox to where `produce` writes.
    static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head,
                         std::size_t size, nghttp2_data_source*, void* data) {
        session& self = of(data);
        if (self.out_.size() - self.written_ < frame_head::size + size)
            return NGHTTP2_ERR_WOULDBLOCK;
        stream* const from = self.find(frame->hd.stream_id);
        if (from == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        char* const at = self.out_.data() + self.written_;
        std::memcpy(at, head, frame_head::size);
        if (size != 0) std::memcpy(at + frame_head::size, from->outbox_.bytes().data(), size);
        self.written_ += frame_head::size + size;
        from->outbox_.drop(size);
        self.unsent_ -= size;
        self.guard_.moved_data();
        self.stir(*from);
        return 0;
    }

    static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* data) {
        session& self = of(data);
        const bool may_end_stream =
            frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
        if (may_end_stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            if (stream* const one = self.find(frame->hd.stream_id)) {
                one->sent_ = true;
                self.stir(*one);
            }
        }
        // Ours say NO_ERROR: with this one the library ends a faulty connection (E117).
        if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR)
            self.note_fault(static_cast<error_code>(frame->goaway.error_code));
        return 0;
    }
};

void note_what_goes(nghttp2_session_callbacks* into) {
    nghttp2_session_callbacks_set_on_frame_send_callback(into, sending::frame_sent);
    nghttp2_session_callbacks_set_send_data_callback(into, sending::send_data);
}

std::size_t session::take_pending(std::span<char> out) {
    std::size_t taken = 0;
    const auto take = [&](std::string_view from) {
        const std::size_t size = std::min(from.size(), out.size() - taken);
        std::copy_n(from.data(), size, out.data() + taken);
        taken += size;
        return size;
    };
    // What the library began ends first; our own frames stand between whole ones.
    pending_.remove_prefix(take(pending_));
    if (pending_.empty()) ours_.erase(0, take(ours_));
    return taken;
}

std::size_t session::produce(std::span<char> out) {
    out_ = out;
    written_ = take_pending(out);
    while (pending_.empty() && ours_.empty() && !is_broken_off_) {
        const std::uint8_t* frame = nullptr;
        const ssize_t size = nghttp2_session_mem_send(nghttp2_.get(), &frame);
        if (size == 0) break;
        if (size < 0)
            break_off(error_code::internal_error, "h2-internal-error");
        else
            take_frame({reinterpret_cast<const char*>(frame), static_cast<std::size_t>(size)});
        written_ += take_pending(out.subspan(written_));
    }
    out_ = {};
    return written_;
}

void session::take_frame(std::string_view frame) {
    if (settings_are_out_) {
        pending_ = frame;
        return;
    }
    // A client's preface, and either side's first SETTINGS, were written by us.
    settings_are_out_ = !frame.starts_with(preface.substr(0, 3));
}

bool session::wants_to_send() const {
    return !pending_.empty() || !ours_.empty() ||
           (!is_broken_off_ && nghttp2_session_want_write(nghttp2_.get()) != 0);
}

stream& session::open(std::string_view head, std::string_view scheme, bool is_last) {
    ensure(role_ == role::client && can_open(), "a stream is opened where one may be");
    stream& made =
        keep(static_cast<std::int32_t>(nghttp2_session_get_next_stream_id(nghttp2_.get())));
    const auto lines = field_lines::of_request(head, scheme);
    const auto pairs = pairs_of(lines);
    const nghttp2_data_provider body = sending::outbox();
    const std::int32_t id = nghttp2_submit_request(nghttp2_.get(), nullptr, pairs.data(),
                                                   pairs.size(), is_last ? nullptr : &body, &made);
    ensure(id == made.id_, "the library gives out the ids that it has announced");
    made.last_out_ = is_last;
    return made;
}

void session::send_head(stream& to, std::string_view head, bool is_last) {
    if (to.closed_) return;
    const auto lines = field_lines::of_response(head);
    const auto pairs = pairs_of(lines);
    const bool is_interim = lines.fields().front().second.starts_with('1');
    if (is_interim) {
        nghttp2_submit_headers(nghttp2_.get(), NGHTTP2_FLAG_NONE, to.id_, nullptr, pairs.data(),
                               pairs.size(), nullptr);
        return;
    }
    const nghttp2_data_provider body = sending::outbox();
    nghttp2_submit_response(nghttp2_.get(), to.id_, pairs.data(), pairs.size(),
                            is_last ? nullptr : &body);
    to.last_out_ = is_last;
}

std::size_t session::room(const stream& to) const noexcept {
    if (to.closed_ || to.last_out_) return 0;
    const std::size_t here = to.outbox_.size();
    constexpr std::size_t shared =
        limits::h2_read_ahead - limits::h2_streams_max * limits::h2_read_ahead_share;
    const std::size_t left = shared - std::min(shared, unsent_);
    // However much others have left lying, each stream may hold its share (E115).
    const std::size_t own =
        limits::h2_read_ahead_share - std::min(limits::h2_read_ahead_share, here);
    return std::min(limits::h2_read_ahead_of_stream - here, std::max(left / streams_.size(), own));
}

std::size_t session::send(stream& to, std::string_view payload) {
    const std::size_t taken = std::min(room(to), payload.size());
    to.outbox_.append(payload.substr(0, taken));
    unsent_ += taken;
    if (taken != 0) resume(to);
    return taken;
}

void session::finish(stream& to, std::string_view trailers) {
    if (to.closed_ || to.last_out_) return;
    to.last_out_ = true;
    to.trailers_out_ = trailers;
    resume(to);
}

void session::resume(stream& one) {
    if (std::exchange(one.is_deferred_, false))
        nghttp2_session_resume_data(nghttp2_.get(), one.id_);
}

}  // namespace hawser::http::h2
