// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "http/h1/framing_fields.h"
#include "http/h1/parser.h"
#include "http/h1/window.h"
#include "http/scan.h"

namespace hawser::http::h1 {
namespace {

/// Parses one answer's head; see `window` for how its steps end.
///
/// Joining a folded line overwrites its line end with blanks. That is the only change, and parsing
/// the changed bytes again gives the same answer.
class response_parser {
  public:
    response_parser(std::span<char> bytes, const response_expectation& expected,
                    response_head& head, const response_limits& limits) noexcept
        : bytes_({bytes.data(), bytes.size()}, {502, "answer-head-too-large"}),
          start_(bytes.data()),
          expected_(expected),
          head_(head),
          fields_max_(std::min(limits.fields, field_list::capacity)) {
        bytes_.clip(limits.head);
    }

    parse_result run() noexcept {
        if (!status_line() || !field_lines() || !conclude()) return bytes_.verdict;
        head_.bytes = {start_, bytes_.at};
        return bytes_.complete();
    }

  private:
    bool bad(std::string_view cause) noexcept { return bytes_.refuse({502, cause}); }

    bool status_line() noexcept;
    bool field_lines() noexcept;
    bool field_line() noexcept;
    bool field_value(const char*& at) noexcept;
    bool line_end(const char* stop) noexcept;
    bool look_at(field& one) noexcept;
    bool take_length(field& one) noexcept;

    bool conclude() noexcept;
    bool check_framing() noexcept;
    bool check_upgrade() noexcept;
    void drop_framing_fields(bool with_length) noexcept;

    window bytes_;
    char* start_;  ///< the same bytes, for joining folded lines
    const response_expectation& expected_;
    response_head& head_;
    std::size_t fields_max_;

    field* coding_ = nullptr;
    unsigned codings_ = 0;
    unsigned upgrades_ = 0;
    bool has_length_ = false;
    std::string_view length_fault_;  ///< counts only where the framing does
    connection_options connection_;
};

bool response_parser::status_line() noexcept {
    constexpr std::string_view shape = "HTTP/1.d ddd";
    const char* const line = bytes_.at;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (line + i == bytes_.end) return bytes_.out_of_bytes();
        const bool fits = shape[i] == 'd' ? scan::is_digit(line[i]) : line[i] == shape[i];
        if (!fits) return bad("bad-status-line");
    }
    head_.minor = line[7] == '0' ? 0 : 1;
    head_.status =
        static_cast<unsigned>((line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0');
    if (head_.status < 100 || head_.status > 599) return bad("bad-status");

    const char* const rest = line + shape.size();
    const char* const stop = scan::find_value_end(rest, bytes_.end, bytes_.floor);
    std::string_view reason(rest, stop);
    if (!reason.empty() && reason.front() != ' ') return bad("bad-status-line");
    if (!line_end(stop)) return false;
    if (!reason.empty()) reason.remove_prefix(1);
    head_.reason = reason;
    return true;
}

/// Takes the line end at `stop`, CRLF or LF alone (E84), and moves behind it.
bool response_parser::line_end(const char* stop) noexcept {
    if (stop == bytes_.end) return bytes_.out_of_bytes();
    if (*stop == '\r') {
        if (bytes_.end - stop < 2) return bytes_.out_of_bytes();
        if (*++stop != '\n') return bad("bare-cr-in-answer");
    } else if (*stop != '\n') {
        return bad("control-in-answer");
    }
    bytes_.at = stop + 1;
    return true;
}

bool response_parser::field_lines() noexcept {
    while (true) {
        if (bytes_.left() == 0) return bytes_.out_of_bytes();
        if (*bytes_.at == '\r' || *bytes_.at == '\n') return line_end(bytes_.at);
        if (head_.fields.size() >= fields_max_) return bad("too-many-fields-in-answer");
        if (!field_line()) return false;
    }
}

bool response_parser::field_line() noexcept {
    const char* const line = bytes_.at;
    const char* const name_end = scan::find_token_end(line, bytes_.end, bytes_.floor);
    if (name_end == bytes_.end) return bytes_.out_of_bytes();
    if (name_end == line) return bad("bad-field-name-in-answer");
    const char* colon = name_end;
    while (colon != bytes_.end && scan::is_blank(*colon)) ++colon;
    if (colon == bytes_.end) return bytes_.out_of_bytes();
    if (*colon != ':') return bad("bad-field-name-in-answer");

    const char* value_end = colon + 1;
    if (!field_value(value_end)) return false;
    field& one = head_.fields.add({.name = {line, name_end},
                                   .value = scan::trim({colon + 1, value_end}),
                                   .line = {line, bytes_.at},
                                   .id = field_id_of({line, name_end})});
    one.plain = is_plain_line(one.name, one.value, one.line);
    one.hop_by_hop = is_hop_by_hop(one.id);
    return one.id == field_id::other || look_at(one);
}

/// Moves behind a value and its line end, joining folded lines; `at` begins at the value's start
/// and comes out at its end.
bool response_parser::field_value(const char*& at) noexcept {
    while (true) {
        at = scan::find_value_end(at, bytes_.end, bytes_.floor);
        if (!line_end(at)) return false;
        // Whether the line is folded shows in the next byte, which a head always has.
        if (bytes_.left() == 0) return bytes_.out_of_bytes();
        if (!scan::is_blank(*bytes_.at)) return true;
        std::fill(start_ + (at - bytes_.floor), start_ + (bytes_.at - bytes_.floor), ' ');
        at = bytes_.at;
    }
}

bool response_parser::look_at(field& one) noexcept {
    switch (one.id) {
        case field_id::content_length: return take_length(one);
        case field_id::transfer_encoding:
            coding_ = &one;
            ++codings_;
            break;
        case field_id::connection:
            connection_.take(one.value);
            if (connection_.are_too_many()) return bad("too-many-connection-options-in-answer");
            break;
        case field_id::upgrade:
            if (upgrades_++ == 0) head_.upgrade = one.value;
            break;
        default: break;
    }
    return true;
}

/// Equal lengths, in one list or several fields, become one (E82).
bool response_parser::take_length(field& one) noexcept {
    one.hop_by_hop = has_length_;
    const std::string_view raw = one.value;
    for (std::string_view rest = raw; rest.data() != nullptr;) {
        const auto length = parse_length(take_member(rest));
        if (!length) {
            length_fault_ = "bad-content-length-in-answer";
            return true;
        }
        if (has_length_ && length->bytes != head_.content_length)
            length_fault_ = "content-lengths-differ-in-answer";
        has_length_ = true;
        head_.content_length = length->bytes;
        one.value = length->digits;
    }
    one.plain = one.plain && one.value.size() == raw.size();
    return true;
}

bool response_parser::conclude() noexcept {
    if (!check_framing() || !check_upgrade()) return false;
    if (connection_.names_fields) mark_named_by_connection(head_.fields);
    head_.keep_alive =
        head_.body != framing::until_close && connection_.keep_connection(head_.minor);
    return true;
}

void response_parser::drop_framing_fields(bool with_length) noexcept {
    for (field& each : head_.fields)
        if (each.id == field_id::transfer_encoding ||
            (with_length && each.id == field_id::content_length))
            each.hop_by_hop = true;
}

bool response_parser::check_framing() noexcept {
    // Their framing fields mean nothing and are not passed on, so they are not judged (E75, E79).
    if (head_.status < 200 || head_.status == 204) {
        drop_framing_fields(true);
        head_.content_length = 0;
        return true;
    }
    if (!length_fault_.empty()) return bad(length_fault_);
    if (coding_ != nullptr) {
        if (codings_ > 1) return bad("duplicate-transfer-encoding-in-answer");
        if (has_length_) return bad("transfer-encoding-and-content-length-in-answer");
        if (head_.minor == 0) return bad("transfer-encoding-in-http10-answer");
        if (parse_coding(coding_->value) != coding::chunked)
            return bad("bad-transfer-encoding-in-answer");
        coding_->plain = coding_->plain && coding_->value == "chunked";
        coding_->value = "chunked";
    }
    if (expected_.head || head_.status == 304) {
        drop_framing_fields(false);
        head_.content_length = 0;
        return true;
    }
    if (coding_ != nullptr)
        head_.body = framing::chunked;
    else
        head_.body = has_length_ ? framing::length : framing::until_close;
    return true;
}

/// 101 is for who asked, and for what was asked (E76, E144).
bool response_parser::check_upgrade() noexcept {
    if (head_.status != 101) return true;
    if (!expected_.websocket) return bad("unasked-upgrade");
    if (upgrades_ != 1 || !connection_.upgrade || !equal_ignoring_case(head_.upgrade, "websocket"))
        return bad("bad-upgrade");
    return true;
}

}  // namespace

parse_result parse_response_head(std::span<char> bytes, const response_expectation& expected,
                                 response_head& into, const response_limits& limits) noexcept {
    into.status = 0;
    into.body = framing::none;
    into.content_length = 0;
    into.keep_alive = false;
    into.upgrade = {};
    into.fields.clear();
    return response_parser(bytes, expected, into, limits).run();
}

}  // namespace hawser::http::h1
