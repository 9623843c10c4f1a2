// SPDX-License-Identifier: Apache-2.0
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "http/h2/library.h"
#include "http/h2/session.h"

namespace hawser::http::h2 {
namespace {

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// What a callback returns; anything but 0 from a flood, which ends the reading at once.
constexpr int go_on = 0;
constexpr int end_reading = NGHTTP2_ERR_CALLBACK_FAILURE;

}  // namespace

struct receiving {
    static session& of(void* data) { return *static_cast<session*>(data); }

    static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* data) {
        session& self = of(data);
        self.building_ = nullptr;
        if (frame->hd.type != NGHTTP2_HEADERS) return go_on;
        const bool is_request = frame->headers.cat == NGHTTP2_HCAT_REQUEST;
        if (is_request && self.counted_streams() >= limits::h2_streams_max)
            return refuse(self, frame->hd.stream_id);
        self.building_ =
            is_request ? &self.adopt(frame->hd.stream_id) : self.find(frame->hd.stream_id);
        if (self.building_ == nullptr) return go_on;
        using kind = head_builder::kind;
        const kind head = self.role_ == session::role::server ? kind::request : kind::response;
        self.builder_.begin(self.building_->has_final_head_ ? kind::trailers : head, self.heads_);
        return go_on;
    }

    /// One stream too many: that stream's end, not the connection's (E107).
    static int refuse(session& self, std::int32_t id) {
        nghttp2_submit_rst_stream(self.nghttp2_.get(), NGHTTP2_FLAG_NONE, id,
                                  NGHTTP2_REFUSED_STREAM);
        return self.guard_.provoked_reset() ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : end_reading;
    }

    static int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* data) {
        session& self = of(data);
        if (self.building_ != nullptr)
            self.builder_.add(text_of(name, name_size), text_of(value, value_size));
        return go_on;
    }

    static int data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id,
                          const std::uint8_t* bytes, std::size_t size, void* data) {
        session& self = of(data);
        stream* const to = self.find(id);
        if (to == nullptr || to->is_closed()) {
            nghttp2_session_consume(self.nghttp2_.get(), id, size);
            return go_on;
        }
        to->inbox_.append(text_of(bytes, size));
        self.stir(*to);
        return go_on;
    }

    static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* data) {
        session& self = of(data);
        switch (frame->hd.type) {
            case NGHTTP2_HEADERS:
                if (self.building_ != nullptr)
                    self.take_block(*std::exchange(self.building_, nullptr),
                                    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0);
                break;
            case NGHTTP2_DATA: return data_received(self, *frame);
            case NGHTTP2_SETTINGS:
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) self.has_settings_ = true;
                break;
            case NGHTTP2_PING:
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
                    std::ranges::equal(frame->ping.opaque_data, end_mark))
                    self.refuse_new_streams();
                break;
            case NGHTTP2_GOAWAY: self.peer_is_leaving_ = true; break;
            default: break;
        }
        return go_on;
    }

    static int data_received(session& self, const nghttp2_frame& frame) {
        const bool ends_stream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        const bool is_padding = frame.data.padlen != 0 && frame.hd.length == frame.data.padlen;
        if (is_padding && !ends_stream && !self.guard_.padded_for_nothing()) return end_reading;
        self.guard_.moved_data();
        stream* const to = self.find(frame.hd.stream_id);
        if (to != nullptr && ends_stream) {
            to->ended_ = true;
            self.stir(*to);
        }
        return go_on;
    }

    /// The library is about to reset the frame's stream, because of the frame (E110).
    static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* data) {
        return of(data).guard_.provoked_reset() ? go_on : end_reading;
    }

    static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* data) {
        session& self = of(data);
        if (stream* const one = self.find(id)) self.close(*one, static_cast<error_code>(code));
        return go_on;
    }
};

void note_what_comes(nghttp2_session_callbacks* into) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(into, receiving::begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(into, receiving::header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(into, receiving::data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(into, receiving::frame_received);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(into, receiving::invalid_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(into, receiving::stream_closed);
}

}  // namespace hawser::http::h2
