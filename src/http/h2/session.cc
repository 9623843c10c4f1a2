// SPDX-License-Identifier: Apache-2.0
#include "http/h2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ensure.h"
#include "http/h2/library.h"

namespace hawser::http::h2 {
namespace {

/// What every session of the library is made with. Never changed: shared by all threads.
struct session_parts {
    session_parts() {
        nghttp2_session_callbacks_new(&calls);
        note_what_comes(calls);
        note_what_goes(calls);

        nghttp2_option_new(&options);
        nghttp2_option_set_no_http_messaging(options, 1);  // heads are judged by us
        nghttp2_option_set_no_auto_window_update(options, 1);
        nghttp2_option_set_no_closed_streams(options, 1);
        nghttp2_option_set_max_settings(options, limits::h2_settings_max);
        nghttp2_option_set_max_outbound_ack(options, limits::h2_acknowledgements_max);
        nghttp2_option_set_max_deflate_dynamic_table_size(options, limits::h2_header_table);
        nghttp2_option_set_max_send_header_block_length(options, 4 * limits::response_head_max);
        // Both are counted by us (E108, E111).
        nghttp2_option_set_stream_reset_rate_limit(options, 1'000'000, 1'000'000);
        nghttp2_option_set_max_continuations(options,
                                             4 * std::size_t{limits::h2_continuations_max});
    }
    ~session_parts() {
        nghttp2_option_del(options);
        nghttp2_session_callbacks_del(calls);
    }
    session_parts(const session_parts&) = delete;
    session_parts& operator=(const session_parts&) = delete;

    nghttp2_session_callbacks* calls = nullptr;
    nghttp2_option* options = nullptr;
};

void append_word(std::uint32_t word, std::string& to) {
    for (const int shift : {24, 16, 8, 0}) to += static_cast<char>(word >> shift & 0xffU);
}

void append_head(const frame_head& head, std::string& to) {
    const auto bytes = write_frame_head(head);
    to.append(bytes.data(), bytes.size());
}

}  // namespace

void session::deleter::operator()(nghttp2_session* dead) const noexcept {
    nghttp2_session_del(dead);
}

session::session(role as, const block_limits& heads)
    : role_(as),
      heads_(heads),
      guard_(as == role::server ? preface.size() : 0, as == role::server
                                                          ? limits::h2_header_block_max
                                                          : limits::h2_answer_header_block_max) {
    static const session_parts parts;
    nghttp2_session* made = nullptr;
    const int failed = as == role::server
                           ? nghttp2_session_server_new2(&made, parts.calls, this, parts.options)
                           : nghttp2_session_client_new2(&made, parts.calls, this, parts.options);
    ensure(failed == 0, "nothing but want of memory keeps the library from making a session");
    nghttp2_.reset(made);
    announce_settings();
}

session::~session() = default;

/// The library would make a stream beyond the announced limit an error of the connection, where
/// RFC 9113 5.1.2 lets one refuse the stream (E107). So it does not know that limit: its SETTINGS
/// frame is replaced on the wire by one that names it as well.
void session::announce_settings() {
    std::vector<nghttp2_settings_entry> entries{
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, std::uint32_t{limits::h2_stream_window}},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(heads_.bytes)}};
    if (role_ == role::server) {
        entries.push_back({NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1});
        entries.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
    } else {
        entries.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
        ours_ = preface;
    }
    nghttp2_submit_settings(nghttp2_.get(), NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    nghttp2_session_set_local_window_size(nghttp2_.get(), NGHTTP2_FLAG_NONE, 0,
                                          std::int32_t{limits::h2_connection_window});

    if (role_ == role::server)
        entries.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits::h2_streams_max});
    append_head(
        {.length = static_cast<std::uint32_t>(6 * entries.size()), .type = frame_type::settings},
        ours_);
    for (const auto& entry : entries) {
        ours_ += static_cast<char>(entry.settings_id >> 8);
        ours_ += static_cast<char>(entry.settings_id & 0xff);
        append_word(entry.value, ours_);
    }
}

void session::feed(std::span<const char> bytes, steady_time now) {
    if (fault_) return;
    const std::size_t admitted = guard_.admit(bytes, now);
    if (admitted != 0) {
        const ssize_t taken = nghttp2_session_mem_recv(
            nghttp2_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), admitted);
        if (taken == NGHTTP2_ERR_FLOODED)
            return break_off(error_code::enhance_your_calm, "h2-acknowledgement-flood");
        if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
            return break_off(error_code::protocol_error, "h2-bad-preface");
        if (taken < 0 && guard_.cause().empty())
            return break_off(error_code::internal_error, "h2-internal-error");
    }
    if (!guard_.cause().empty()) break_off(error_code::enhance_your_calm, guard_.cause());
}

void session::take_block(stream& into, bool ends_stream) {
    const bool are_trailers = into.has_final_head_;
    received_head made = builder_.finish(ends_stream);
    into.ended_ = into.ended_ || ends_stream;
    stir(into);
    if (are_trailers) {
        into.fault_ = made.why;
        into.trailers_ = std::move(made.text);
        return;
    }
    into.has_final_head_ = !made.is_interim;
    // They come faster than anyone takes them: too many for one answer (E55).
    if (into.heads_.size() > limits::interim_answers_max) return;
    if (into.heads_.size() == limits::interim_answers_max) made.why = {502, "too-many-interims"};
    into.heads_.push_back(std::move(made));
}

stream* session::next_stirred() {
    while (!stirred_.empty()) {
        stream& one = *stirred_.front();
        stirred_.erase(stirred_.begin());
        one.is_stirred_ = false;
        if (one.listener() != nullptr) return &one;
        if (role_ == role::client) continue;
        // No request is begun for a stream that its client has reset already (E109).
        if (one.is_closed())
            forget(one);
        else if (one.has_head())
            return &one;
    }
    return nullptr;
}

void session::stir(stream& one) {
    if (!std::exchange(one.is_stirred_, true)) stirred_.push_back(&one);
}

stream* session::find(std::int32_t id) const {
    return static_cast<stream*>(nghttp2_session_get_stream_user_data(nghttp2_.get(), id));
}

stream& session::keep(std::int32_t id) {
    stream& made = *streams_.emplace_back(std::make_unique<stream>(id));
    made.place_ = streams_.size() - 1;
    return made;
}

stream& session::adopt(std::int32_t id) {
    stream& made = keep(id);
    nghttp2_session_set_stream_user_data(nghttp2_.get(), id, &made);
    // Streams take turns, frame by frame: one large answer does not hold up the others.
    const nghttp2_extpri fair{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
    nghttp2_session_change_extpri_stream_priority(nghttp2_.get(), id, &fair, 1);
    return made;
}

void session::close(stream& one, error_code with) {
    if (std::exchange(one.closed_, true)) return;
    one.closed_with_ = with;
    if (with == error_code::no_error && one.sent_ && one.ended_) {
        one.complete_ = true;
        ++complete_;
        guard_.completed();
    }
    stir(one);
}

void session::reset(stream& one, error_code why, bool provoked) {
    if (one.closed_ || fault_) return;
    nghttp2_submit_rst_stream(nghttp2_.get(), NGHTTP2_FLAG_NONE, one.id_,
                              static_cast<std::uint32_t>(why));
    close(one, why);
    if (provoked && !guard_.provoked_reset())
        break_off(error_code::enhance_your_calm, guard_.cause());
}

void session::consume(stream& from, std::size_t count) {
    from.inbox_.drop(count);
    if (count != 0) nghttp2_session_consume(nghttp2_.get(), from.id_, count);
}

void session::release(stream& one, error_code unless_closed) {
    reset(one, unless_closed);
    forget(one);
}

void session::forget(stream& one) {
    consume(one, one.inbox_.size());
    nghttp2_session_set_stream_user_data(nghttp2_.get(), one.id_, nullptr);
    if (building_ == &one) building_ = nullptr;
    if (one.is_stirred_) std::erase(stirred_, &one);
    unsent_ -= one.outbox_.size();
    if (one.is_complete()) --complete_;
    std::swap(streams_[one.place_], streams_.back());
    streams_[one.place_]->place_ = one.place_;
    streams_.pop_back();
}

bool session::can_open() const {
    if (fault_ || peer_is_leaving_ || end_ != ending::none) return false;
    const std::uint32_t theirs = nghttp2_session_get_remote_settings(
        nghttp2_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return counted_streams() < std::min<std::size_t>(theirs, limits::h2_streams_max) &&
           nghttp2_session_check_request_allowed(nghttp2_.get()) != 0;
}

bool session::peer_takes_websockets() const {
    return nghttp2_session_get_remote_settings(nghttp2_.get(),
                                               NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

void session::announce_end() {
    if (end_ != ending::none || fault_) return;
    if (role_ == role::client) return refuse_new_streams();
    end_ = ending::announced;
    nghttp2_submit_shutdown_notice(nghttp2_.get());
    nghttp2_submit_ping(nghttp2_.get(), NGHTTP2_FLAG_NONE, end_mark.data());
}

void session::refuse_new_streams() {
    if (end_ == ending::refusing || fault_) return;
    end_ = ending::refusing;
    nghttp2_submit_goaway(nghttp2_.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(nghttp2_.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
}

void session::end(error_code why, std::string_view cause) { break_off(why, cause); }

/// The library may be within a frame that it will never read on: its part is over, and the last
/// word is written without it.
void session::break_off(error_code code, std::string_view cause) {
    if (fault_) return;
    is_broken_off_ = true;
    const std::int32_t last = nghttp2_session_get_last_proc_stream_id(nghttp2_.get());
    append_head({.length = 8, .type = frame_type::goaway}, ours_);
    append_word(static_cast<std::uint32_t>(last), ours_);
    append_word(static_cast<std::uint32_t>(code), ours_);
    lose(code, cause);
}

void session::note_fault(error_code code) {
    if (!fault_) lose(code, name_of(code));
}

void session::lose(error_code code, std::string_view cause) {
    fault_ = {code, cause};
    for (const auto& each : streams_) close(*each, error_code::internal_error);
}

}  // namespace hawser::http::h2
