// SPDX-License-Identifier: Apache-2.0
#include "http/h1/chunked.h"

#include <algorithm>
#include <cstring>

#include "base/ensure.h"
#include "http/field.h"
#include "http/scan.h"

namespace hawser::http::h1 {
namespace {

constexpr refusal bad_size{400, "bad-chunk-size"};
constexpr refusal bad_extension{400, "bad-chunk-extension"};
constexpr refusal long_extension{400, "chunk-extension-too-long"};
constexpr refusal bad_line_end{400, "bad-chunk-line-end"};
constexpr refusal bad_data_end{400, "bad-chunk-end"};
constexpr refusal bad_trailer{400, "bad-trailer"};
constexpr refusal long_trailers{400, "trailers-too-large"};
constexpr refusal long_body{413, "body-too-large"};

int hex_value(unsigned char byte) noexcept {
    if (byte >= '0' && byte <= '9') return byte - '0';
    const int low = byte | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_control(unsigned char byte) noexcept {
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

body_step chunked_decoder::decode(std::span<char> in) {
    ensure(state_ != state::done, "nobody decodes on after the body's end");
    body_step step;
    std::size_t first = 0;
    std::size_t size = 0;
    std::size_t at = 0;
    while (at < in.size() && state_ != state::done) {
        if (state_ == state::data) {
            const auto count =
                static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - at));
            if (size == 0)
                first = at;
            else
                std::memmove(&in[first + size], &in[at], count);
            size += count;
            at += count;
            left_ -= count;
            if (left_ == 0) state_ = state::data_cr;
            continue;
        }
        step.why = take_framing_byte(static_cast<unsigned char>(in[at]));
        if (step.why) break;
        ++at;
    }
    step.payload = in.subspan(first, size);
    step.consumed = at;
    step.done = state_ == state::done;
    return step;
}

std::optional<refusal> chunked_decoder::take_framing_byte(unsigned char byte) {
    switch (state_) {
        case state::size_first:
        case state::size: return take_size_digit(byte);
        case state::extension_name:
        case state::extension_token:
        case state::extension_value:
        case state::extension_plain:
        case state::extension_quoted:
        case state::extension_escaped:
        case state::extension_end: return take_extension_byte(byte);
        case state::size_lf:
            if (byte != '\n') return bad_line_end;
            return end_of_size_line();
        case state::data_cr:
            if (byte != '\r') return bad_data_end;
            state_ = state::data_lf;
            return std::nullopt;
        case state::data_lf:
            if (byte != '\n') return bad_data_end;
            state_ = state::size_first;
            return std::nullopt;
        case state::trailer_start:
        case state::trailer_line:
        case state::trailer_lf:
        case state::last_lf: return take_trailer_byte(byte);
        case state::data:
        case state::done: break;
    }
    ensure(false, "data and the end are not taken byte by byte");
    return std::nullopt;
}

std::optional<refusal> chunked_decoder::take_size_digit(unsigned char byte) {
    const int digit = hex_value(byte);
    if (digit >= 0) {
        if (state_ == state::size_first) {
            size_ = 0;
            digits_ = 0;
            extension_ = 0;
            state_ = state::size;
        }
        // Sixteen digits fill 64 bits: the shift loses nothing (E15, E20).
        if (++digits_ > limits::chunk_size_digits_max) return bad_size;
        size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
        return std::nullopt;
    }
    if (state_ == state::size_first) return bad_size;
    if (byte == '\r')
        state_ = state::size_lf;
    else if (byte == ';')
        state_ = state::extension_name;
    else
        return byte == '\n' ? bad_line_end : bad_size;
    return std::nullopt;
}

/// `;` token [ `=` ( token | quoted-string ) ], checked and forgotten (E23). A blank is taken only
/// after `;`, where senders put it; elsewhere it could hide a line's end (E24).
std::optional<refusal> chunked_decoder::take_extension_byte(unsigned char byte) {
    ++extensions_;
    if (++extension_ > limits::chunk_extension_max ||
        extensions_ > limits::chunk_extensions_of_body_max)
        return long_extension;
    const char c = static_cast<char>(byte);
    const auto go = [this](state next) {
        state_ = next;
        return std::nullopt;
    };

    switch (state_) {
        case state::extension_name:
            if (scan::is_blank(c)) return std::nullopt;
            if (scan::is_token_byte(c)) return go(state::extension_token);
            return bad_extension;
        case state::extension_token:
            if (scan::is_token_byte(c)) return std::nullopt;
            if (byte == '=') return go(state::extension_value);
            break;
        case state::extension_value:
            if (byte == '"') return go(state::extension_quoted);
            if (scan::is_token_byte(c)) return go(state::extension_plain);
            return bad_extension;
        case state::extension_plain:
            if (scan::is_token_byte(c)) return std::nullopt;
            break;
        case state::extension_quoted:
            if (byte == '"') return go(state::extension_end);
            if (byte == '\\') return go(state::extension_escaped);
            if (is_control(byte)) return bad_extension;
            return std::nullopt;
        case state::extension_escaped:
            if (is_control(byte)) return bad_extension;
            return go(state::extension_quoted);
        default: break;
    }
    if (byte == ';') return go(state::extension_name);
    if (byte == '\r') return go(state::size_lf);
    return byte == '\n' ? bad_line_end : bad_extension;
}

std::optional<refusal> chunked_decoder::end_of_size_line() {
    if (size_ > std::uint64_t{INT64_MAX}) return bad_size;
    if (size_ == 0) {
        state_ = state::trailer_start;
        return std::nullopt;
    }
    // Both below 2^63 the first time; later `announced_` is at most the limit, so no sum wraps.
    if (size_ > limits_.body || announced_ > limits_.body - size_) return long_body;
    announced_ += size_;
    left_ = size_;
    state_ = state::data;
    return std::nullopt;
}

std::optional<refusal> chunked_decoder::take_trailer_byte(unsigned char byte) {
    if (++trailer_bytes_ > limits_.trailer_bytes) return long_trailers;
    switch (state_) {
        case state::trailer_start:
            if (byte == '\r') {
                state_ = state::last_lf;
                return std::nullopt;
            }
            if (++trailer_fields_ > limits_.trailer_fields) return long_trailers;
            line_start_ = trailers_.size();
            state_ = state::trailer_line;
            [[fallthrough]];
        case state::trailer_line:
            if (byte == '\r')
                state_ = state::trailer_lf;
            else if (is_control(byte))
                return bad_trailer;
            else
                trailers_.push_back(static_cast<char>(byte));
            return std::nullopt;
        case state::trailer_lf:
            if (byte != '\n') return bad_trailer;
            return end_of_trailer_line();
        default:
            if (byte != '\n') return bad_trailer;
            state_ = state::done;
            return std::nullopt;
    }
}

std::optional<refusal> chunked_decoder::end_of_trailer_line() {
    const std::string_view line = std::string_view(trailers_).substr(line_start_);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad_trailer;
    const std::string_view name = line.substr(0, colon);
    if (name.empty() || !std::ranges::all_of(name, scan::is_token_byte)) return bad_trailer;

    // A name spelled with `_` is judged as what an application may read it as (E51).
    const bool may_go_on = may_be_trailer(field_id_of_look_alike(name));
    const std::string value(scan::trim(line.substr(colon + 1)));
    trailers_.resize(line_start_ + (may_go_on ? colon : 0));
    if (may_go_on) trailers_.append(": ").append(value).append("\r\n");
    state_ = state::trailer_start;
    return std::nullopt;
}

}  // namespace hawser::http::h1
