// SPDX-License-Identifier: Apache-2.0
#include "http/h1/framing_fields.h"
#include "http/h1/parser.h"
#include "http/scan.h"

namespace hawser::http::h1 {
namespace {

/// Parses one answer's head; the same rules of a window as the request's parser keeps.
///
/// Joining a folded line overwrites its line end with blanks. That is the only change, and parsing
/// the changed bytes again gives the same answer.
class response_parser {
  public:
    response_parser(std::span<char> bytes, const response_expectation& expected,
                    response_head& head, const response_limits& limits) noexcept
        : start_(bytes.data()),
          at_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          expected_(expected),
          head_(head),
          limits_(limits) {
        if (bytes.size() >= limits.head) {
            end_ = start_ + limits.head;
            is_clipped_ = true;
        }
    }

    parse_result run() noexcept {
        if (status_line() && field_lines() && conclude()) {
            verdict_.state = parse_state::complete;
            verdict_.consumed = static_cast<std::size_t>(at_ - start_);
        }
        return verdict_;
    }

  private:
    bool bad(std::string_view cause) noexcept {
        verdict_.state = parse_state::refused;
        verdict_.why = {502, cause};
        return false;
    }
    bool out_of_bytes() noexcept {
        if (is_clipped_) return bad("answer-head-too-large");
        verdict_.state = parse_state::incomplete;
        return false;
    }

    bool status_line() noexcept;
    bool field_lines() noexcept;
    bool field_line() noexcept;
    bool line_end(const char*& stop) noexcept;
    bool look_at(field& one) noexcept;
    bool take_length(field& one) noexcept;

    bool conclude() noexcept;
    bool check_framing() noexcept;
    bool check_upgrade() noexcept;
    void drop_framing_fields(bool with_length) noexcept;

    char* start_;
    char* at_;
    char* end_;
    bool is_clipped_ = false;
    parse_result verdict_;
    const response_expectation& expected_;
    response_head& head_;
    const response_limits& limits_;

    field* coding_ = nullptr;
    unsigned codings_ = 0;
    unsigned upgrades_ = 0;
    bool has_length_ = false;
    std::string_view length_fault_;  ///< counts only where the framing does
    connection_options connection_;
};

bool response_parser::status_line() noexcept {
    constexpr std::string_view shape = "HTTP/1.d ddd";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (at_ + i == end_) return out_of_bytes();
        const bool fits = shape[i] == 'd' ? scan::is_digit(at_[i]) : at_[i] == shape[i];
        if (!fits) return bad("bad-status-line");
    }
    head_.minor = at_[7] == '0' ? 0 : 1;
    head_.status =
        static_cast<unsigned>((at_[9] - '0') * 100 + (at_[10] - '0') * 10 + at_[11] - '0');
    if (head_.status < 100 || head_.status > 599) return bad("bad-status");
    at_ += shape.size();

    const char* stop = scan::find<scan::forbidden_in_value>(at_, end_, start_);
    std::string_view reason(at_, stop);
    if (!reason.empty() && reason.front() != ' ') return bad("bad-status-line");
    if (!line_end(stop)) return false;
    if (!reason.empty()) reason.remove_prefix(1);
    head_.reason = reason;
    return true;
}

/// Takes the line end at `stop`, CRLF or LF alone (E84), and moves on behind it.
bool response_parser::line_end(const char*& stop) noexcept {
    if (stop == end_) return out_of_bytes();
    if (*stop == '\r') {
        if (end_ - stop < 2) return out_of_bytes();
        if (stop[1] != '\n') return bad("bare-cr-in-answer");
        ++stop;
    } else if (*stop != '\n') {
        return bad("control-in-answer");
    }
    at_ = start_ + (stop + 1 - start_);
    return true;
}

bool response_parser::field_lines() noexcept {
    while (true) {
        if (at_ == end_) return out_of_bytes();
        if (*at_ == '\r' || *at_ == '\n') {
            const char* stop = at_;
            return line_end(stop);
        }
        if (head_.fields.size() >= limits_.fields) return bad("too-many-fields-in-answer");
        if (!field_line()) return false;
    }
}

bool response_parser::field_line() noexcept {
    char* const line = at_;
    const char* const name_end = scan::find_token_end(line, end_, start_);
    const char* colon = name_end;
    while (colon != end_ && scan::is_blank(*colon)) ++colon;
    if (name_end == line && name_end != end_) return bad("bad-field-name-in-answer");
    if (colon == end_) return out_of_bytes();
    if (*colon != ':') return bad("bad-field-name-in-answer");

    const char* stop = colon + 1;
    while (true) {
        stop = scan::find<scan::forbidden_in_value>(stop, end_, start_);
        const char* const value_end = stop;
        if (!line_end(stop)) return false;
        // Whether the line is folded shows in the next byte, which a head always has.
        if (at_ == end_) return out_of_bytes();
        if (!scan::is_blank(*at_)) {
            stop = value_end;
            break;
        }
        for (char* fold = start_ + (value_end - start_); fold != at_; ++fold) *fold = ' ';
        stop = at_;
    }

    field& one = head_.fields.add({.name = {line, name_end},
                                   .value = scan::trim({colon + 1, stop}),
                                   .line = {line, at_},
                                   .id = field_id_of({line, name_end})});
    one.plain = is_plain_line(one.name, one.value, one.line);
    return look_at(one);
}

bool response_parser::look_at(field& one) noexcept {
    one.hop_by_hop = is_hop_by_hop(one.id);
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
    head_.bytes = {start_, at_};
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
