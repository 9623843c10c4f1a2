// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "http/h1/framing_fields.h"
#include "http/h1/parser.h"
#include "http/h1/request_line.h"
#include "http/h1/window.h"
#include "http/scan.h"
#include "http/uri.h"

namespace hawser::http::h1 {
namespace {

/// Parses one request's head; see `window` for how its steps end.
class request_parser {
  public:
    request_parser(std::string_view bytes, request_head& head,
                   const request_limits& limits) noexcept
        : bytes_(bytes, {431, "head-too-large"}),
          head_(head),
          limits_(limits),
          fields_max_(std::min(limits.fields, field_list::capacity)) {}

    parse_result run() noexcept {
        if (!skip_empty_line()) return bytes_.verdict;
        const char* const start = bytes_.at;
        bytes_.clip(limits_.head);
        if (!parse_request_line(bytes_, head_, limits_) || !field_lines() || !conclude())
            return bytes_.verdict;
        head_.bytes = {start, bytes_.at};
        return bytes_.complete();
    }

  private:
    bool bad(std::string_view cause) noexcept { return bytes_.refuse({400, cause}); }

    bool skip_empty_line() noexcept;
    bool field_lines() noexcept;
    bool field_line() noexcept;
    bool refuse_name(char stop, bool is_first_byte) noexcept;
    bool refuse_value(char stop) noexcept;
    bool look_at(field& one) noexcept;
    bool apply_underscore_policy(field& one) noexcept;

    bool conclude() noexcept;
    bool check_host() noexcept;
    bool check_framing() noexcept;
    bool check_expect() noexcept;
    bool check_max_forwards() noexcept;

    window bytes_;
    request_head& head_;
    const request_limits& limits_;
    std::size_t fields_max_;

    field* host_ = nullptr;
    field* length_ = nullptr;
    field* coding_ = nullptr;
    field* expect_ = nullptr;
    field* max_forwards_ = nullptr;
    std::string_view upgrade_;
    unsigned upgrades_ = 0;
    unsigned expects_ = 0;
    unsigned max_forwards_count_ = 0;
    connection_options connection_;
};

/// One CRLF before the request line is left over from an old client's body (E38).
bool request_parser::skip_empty_line() noexcept {
    if (bytes_.left() == 0 || *bytes_.at != '\r') return true;
    if (bytes_.left() < 2) return bytes_.out_of_bytes();
    if (bytes_.at[1] != '\n') return bad("bare-cr");
    bytes_.at += 2;
    return true;
}

bool request_parser::field_lines() noexcept {
    while (true) {
        if (bytes_.left() == 0) return bytes_.out_of_bytes();
        if (*bytes_.at == '\r') {
            if (bytes_.left() < 2) return bytes_.out_of_bytes();
            if (bytes_.at[1] != '\n') return bad("bare-cr");
            bytes_.at += 2;
            return true;
        }
        if (head_.fields.size() >= fields_max_) return bytes_.refuse({431, "too-many-fields"});
        if (!field_line()) return false;
    }
}

bool request_parser::field_line() noexcept {
    const char* const line = bytes_.at;
    const char* const end = bytes_.end;
    const char* colon = scan::find<scan::unusual_in_name>(line, end, bytes_.floor);
    const bool is_unusual = colon != end && *colon != ':';
    if (is_unusual) [[unlikely]]
        colon = scan::find_token_end(colon, end, bytes_.floor);
    if (colon == end) return bytes_.out_of_bytes();
    if (*colon != ':' || colon == line) [[unlikely]]
        return refuse_name(*colon, colon == line);

    const char* const stop = scan::find_value_end(colon + 1, end, bytes_.floor);
    if (stop == end) return bytes_.out_of_bytes();
    if (*stop != '\r') [[unlikely]]
        return refuse_value(*stop);
    if (end - stop < 2) return bytes_.out_of_bytes();
    if (stop[1] != '\n') return bad("bare-cr");
    bytes_.at = stop + 2;

    const std::string_view name(line, colon);
    field& one = head_.fields.add({.name = name,
                                   .value = scan::trim({colon + 1, stop}),
                                   .line = {line, bytes_.at},
                                   .id = field_id_of(name)});
    one.plain = is_plain_line(one.name, one.value, one.line);
    one.hop_by_hop = is_hop_by_hop(one.id);
    if (is_unusual && name.contains('_') && !apply_underscore_policy(one)) return false;
    return one.id == field_id::other || look_at(one);
}

bool request_parser::refuse_name(char stop, bool is_first_byte) noexcept {
    switch (stop) {
        case ':': return bad("empty-field-name");
        case ' ':
        case '\t': return bad(is_first_byte ? "obs-fold" : "blank-in-field-name");
        case '\n': return bad("bare-lf");
        case '\r': return bad("field-without-colon");
        default: return bad("bad-field-name");
    }
}

bool request_parser::refuse_value(char stop) noexcept {
    switch (stop) {
        case '\n': return bad("bare-lf");
        case '\0': return bad("nul-in-value");
        default: return bad("control-in-value");
    }
}

/// CGI and WSGI show `Content_Length` and `Content-Length` to an application as one (E51).
bool request_parser::apply_underscore_policy(field& one) noexcept {
    switch (limits_.underscores) {
        case underscore_policy::refuse: return bad("underscore-in-field-name");
        case underscore_policy::drop: one.hop_by_hop = true; return true;
        case underscore_policy::refuse_reserved:
            return is_reserved(field_id_of_look_alike(one.name)) ? bad("look-alike-field-name")
                                                                 : true;
    }
    return true;
}

/// Notes what a field says to us. Faults that need the whole head are left to `conclude`.
bool request_parser::look_at(field& one) noexcept {
    switch (one.id) {
        case field_id::host:
            if (host_ != nullptr) return bad("duplicate-host");
            host_ = &one;
            break;
        case field_id::content_length:
            if (length_ != nullptr) return bad("duplicate-content-length");
            length_ = &one;
            break;
        case field_id::transfer_encoding:
            if (coding_ != nullptr) return bad("duplicate-transfer-encoding");
            coding_ = &one;
            break;
        case field_id::connection:
            connection_.take(one.value);
            if (connection_.are_too_many()) return bad("too-many-connection-options");
            break;
        case field_id::upgrade:
            upgrade_ = one.value;
            ++upgrades_;
            break;
        case field_id::expect:
            expect_ = &one;
            ++expects_;
            break;
        case field_id::max_forwards:
            max_forwards_ = &one;
            ++max_forwards_count_;
            break;
        case field_id::te:
            for (std::string_view rest = one.value; rest.data() != nullptr;)
                if (equal_ignoring_case(take_member(rest), "trailers")) head_.te_trailers = true;
            break;
        default: break;
    }
    return true;
}

bool request_parser::conclude() noexcept {
    if (!check_host() || !check_framing() || !check_expect() || !check_max_forwards()) return false;

    if (connection_.names_fields) mark_named_by_connection(head_.fields);
    head_.keep_alive = connection_.keep_connection(head_.minor);
    head_.wants_websocket = upgrades_ == 1 && equal_ignoring_case(upgrade_, "websocket") &&
                            connection_.upgrade && head_.minor == 1 &&
                            head_.method_kind == method_id::get && !head_.has_body();
    return true;
}

bool request_parser::check_host() noexcept {
    if (host_ == nullptr) return head_.minor == 0 ? true : bad("no-host");
    head_.has_host_field = true;
    if (!split_authority(host_->value)) return bad("bad-host");
    if (!head_.is_absolute_form()) {
        head_.host = host_->value;
        return true;
    }
    const std::uint16_t default_port = head_.scheme.size() == 5 ? 443 : 80;
    if (!same_authority(head_.host, host_->value, default_port)) return bad("host-differs");
    if (head_.host != host_->value) host_->plain = false;
    host_->value = head_.host;
    return true;
}

bool request_parser::check_framing() noexcept {
    if (coding_ != nullptr) {
        // RFC 9112 6.1: framing is faulty; nobody may guess which one a server would believe.
        if (head_.minor == 0) return bad("transfer-encoding-in-http10");
        if (length_ != nullptr) return bad("transfer-encoding-and-content-length");
        switch (parse_coding(coding_->value)) {
            case coding::malformed: return bad("bad-transfer-encoding");
            case coding::unknown: return bytes_.refuse({501, "unknown-transfer-coding"});
            case coding::chunked: break;
        }
        coding_->plain = coding_->plain && coding_->value == "chunked";
        coding_->value = "chunked";
        head_.body = framing::chunked;
    } else if (length_ != nullptr) {
        const auto length = parse_length(length_->value);
        if (!length) return bad("bad-content-length");
        length_->plain = length_->plain && length->digits.size() == length_->value.size();
        length_->value = length->digits;
        head_.content_length = length->bytes;
        head_.body = framing::length;
    }
    return true;
}

bool request_parser::check_expect() noexcept {
    if (expect_ == nullptr) return true;
    if (expects_ > 1 || !equal_ignoring_case(expect_->value, "100-continue"))
        return bytes_.refuse({417, "unknown-expectation"});
    head_.expect_continue = head_.minor == 1 && head_.has_body();
    expect_->hop_by_hop = !head_.expect_continue;
    return true;
}

/// It has a meaning for two methods only (E35); elsewhere it is a field like any other.
bool request_parser::check_max_forwards() noexcept {
    if (max_forwards_ == nullptr ||
        (head_.method_kind != method_id::options && head_.method_kind != method_id::trace))
        return true;
    const auto count = parse_length(max_forwards_->value);
    if (max_forwards_count_ > 1 || !count) return bad("bad-max-forwards");
    head_.max_forwards =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count->bytes, UINT32_MAX));
    return true;
}

void reset(request_head& head) noexcept {
    head.host = head.path = head.query = head.scheme = {};
    head.has_host_field = false;
    head.body = framing::none;
    head.content_length = 0;
    head.keep_alive = head.expect_continue = head.wants_websocket = head.te_trailers = false;
    head.max_forwards.reset();
    head.fields.clear();
}

}  // namespace

parse_result parse_request_head(std::string_view bytes, request_head& into,
                                const request_limits& limits) noexcept {
    reset(into);
    return request_parser(bytes, into, limits).run();
}

bool worth_parsing(std::string_view all, std::size_t added, const request_limits& limits) noexcept {
    if (all.empty()) return false;
    const bool can_begin = scan::is_token_byte(all.front()) || all.front() == '\r';
    const std::size_t before = all.size() - std::min(added, all.size());
    const bool crosses_line = before < limits.line && all.size() >= limits.line;
    return !can_begin || crosses_line || all.size() >= limits.head ||
           all.substr(before).contains('\n');
}

bool worth_parsing(std::string_view all, std::size_t added,
                   const response_limits& limits) noexcept {
    if (all.empty()) return false;
    const std::size_t before = all.size() - std::min(added, all.size());
    return all.front() != 'H' || all.size() >= limits.head || all.substr(before).contains('\n');
}

}  // namespace hawser::http::h1
