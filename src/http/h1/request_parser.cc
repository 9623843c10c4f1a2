// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "http/h1/framing_fields.h"
#include "http/h1/parser.h"
#include "http/scan.h"
#include "http/uri.h"

namespace hawser::http::h1 {
namespace {

/// Parses one head. Each step returns false once the verdict is in `verdict_`: refused, or
/// incomplete because the bytes ran out.
///
/// What decides E2: a step looks only at bytes before the end of the window, which is the limit or
/// what has come, and nothing it decides depends on how much has come.
class request_parser {
  public:
    request_parser(std::string_view bytes, request_head& head,
                   const request_limits& limits) noexcept
        : floor_(bytes.data()),
          at_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          head_(head),
          limits_(limits) {}

    parse_result run() noexcept {
        if (skip_empty_line() && request_line() && field_lines() && conclude()) {
            verdict_.state = parse_state::complete;
            verdict_.consumed = static_cast<std::size_t>(at_ - floor_);
        }
        return verdict_;
    }

  private:
    bool refuse(unsigned status, std::string_view cause) noexcept {
        verdict_.state = parse_state::refused;
        verdict_.why = {status, cause};
        return false;
    }
    bool bad(std::string_view cause) noexcept { return refuse(400, cause); }

    /// The bytes ran out: at the limit that is a verdict, else more may come.
    bool out_of_bytes() noexcept {
        if (is_clipped_) return refuse(431, "head-too-large");
        verdict_.state = parse_state::incomplete;
        return false;
    }

    bool skip_empty_line() noexcept;
    bool request_line() noexcept;
    bool method() noexcept;
    bool target() noexcept;
    bool version() noexcept;
    bool version_bytewise() noexcept;
    bool target_form() noexcept;
    bool absolute_form() noexcept;
    void set_path(std::string_view target) noexcept;

    bool field_lines() noexcept;
    bool field_line() noexcept;
    bool refuse_name(const char* at) noexcept;
    bool refuse_value(char byte) noexcept;
    bool look_at(field& one) noexcept;
    bool apply_underscore_policy(field& one) noexcept;

    bool conclude() noexcept;
    bool check_host() noexcept;
    bool check_framing() noexcept;
    bool check_expect() noexcept;
    bool check_max_forwards() noexcept;

    const char* floor_;  ///< the first byte that may be read
    const char* at_;     ///< the first byte not yet understood
    const char* end_;    ///< the window's end
    bool is_clipped_ = false;
    const char* start_ = nullptr;      ///< of the request line
    std::uint16_t default_port_ = 80;  ///< of an absolute-form target
    parse_result verdict_;
    request_head& head_;
    const request_limits& limits_;

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
    if (at_ != end_ && *at_ == '\r') {
        if (end_ - at_ < 2) return out_of_bytes();
        if (at_[1] != '\n') return bad("bare-cr");
        at_ += 2;
    }
    start_ = at_;
    if (static_cast<std::size_t>(end_ - start_) >= limits_.head) {
        end_ = start_ + limits_.head;
        is_clipped_ = true;
    }
    return true;
}

bool request_parser::request_line() noexcept {
    return method() && target() && version() && target_form();
}

bool request_parser::method() noexcept {
    const char* const most = end_ - at_ > static_cast<std::ptrdiff_t>(limits::method_max)
                                 ? at_ + limits::method_max + 1
                                 : end_;
    const char* const stop = scan::find_token_end(at_, most, floor_);
    if (stop == most)
        return stop - at_ > static_cast<std::ptrdiff_t>(limits::method_max)
                   ? refuse(501, "method-too-long")
                   : out_of_bytes();
    if (stop == at_ || *stop != ' ') return bad("bad-method");
    head_.method = {at_, stop};
    head_.method_kind = method_id_of(head_.method);
    at_ = stop + 1;
    return true;
}

bool request_parser::target() noexcept {
    // ` HTTP/1.1` follows: if the target does not end within `room`, the line is too long whatever
    // comes (E53), so nothing beyond is looked at.
    constexpr std::ptrdiff_t version_size = 9;
    const std::ptrdiff_t room =
        static_cast<std::ptrdiff_t>(limits_.line) - (at_ - start_) - version_size + 1;
    if (room <= 0) return refuse(414, "request-line-too-long");
    const char* const most = end_ - at_ > room ? at_ + room : end_;
    const char* const stop = scan::find<scan::forbidden_in_target>(at_, most, floor_);
    if (stop == most)
        return stop - at_ >= room ? refuse(414, "request-line-too-long") : out_of_bytes();
    if (*stop != ' ' || stop == at_) return bad("bad-target");
    head_.target = {at_, stop};
    at_ = stop + 1;
    return true;
}

bool request_parser::version() noexcept {
    constexpr std::string_view spoken = "HTTP/1.1\r\n";
    if (end_ - at_ >= static_cast<std::ptrdiff_t>(spoken.size()) &&
        std::memcmp(at_, spoken.data(), spoken.size()) == 0) [[likely]] {
        head_.minor = 1;
        at_ += spoken.size();
        return true;
    }
    return version_bytewise();
}

bool request_parser::version_bytewise() noexcept {
    constexpr std::string_view shape = "HTTP/d.d\r\n";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (at_ + i == end_) return out_of_bytes();
        const bool fits = shape[i] == 'd' ? scan::is_digit(at_[i]) : at_[i] == shape[i];
        if (!fits) return bad(i < 8 ? "bad-version" : "bad-request-line-end");
    }
    if (at_[5] != '1' || at_[7] > '1') return refuse(505, "version-not-supported");
    head_.minor = static_cast<unsigned>(at_[7] - '0');
    at_ += shape.size();
    return true;
}

void request_parser::set_path(std::string_view target) noexcept {
    const std::size_t mark = target.find('?');
    head_.path = target.substr(0, mark);
    head_.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    if (head_.path.empty()) head_.path = "/";
}

bool request_parser::target_form() noexcept {
    const std::string_view target = head_.target;
    if (head_.method_kind == method_id::connect) {
        const auto place = split_authority(target);
        if (!place || !place->port) return bad("bad-target-form");
        head_.path = target;
        return true;
    }
    // The preface of HTTP/2, or a part of it (E39).
    if (head_.method == "PRI") return bad("bad-method");
    if (target.front() == '/') {
        set_path(target);
        return true;
    }
    if (target == "*") {
        if (head_.method_kind != method_id::options) return bad("bad-target-form");
        head_.path = target;
        return true;
    }
    return absolute_form();
}

/// Takes scheme and authority off: what is left goes to the server, the authority is the host
/// (E33).
bool request_parser::absolute_form() noexcept {
    std::string_view rest = head_.target;
    const std::size_t colon = rest.find(':');
    const std::string_view scheme = rest.substr(0, colon);
    const bool is_https = equal_ignoring_case(scheme, "https");
    if (!is_https && !equal_ignoring_case(scheme, "http")) return bad("bad-target-form");
    default_port_ = is_https ? 443 : 80;
    rest.remove_prefix(scheme.size());
    if (!rest.starts_with("://")) return bad("bad-target-form");
    rest.remove_prefix(3);

    const std::size_t length = std::min(rest.find_first_of("/?"), rest.size());
    head_.host = rest.substr(0, length);
    if (!split_authority(head_.host)) return bad("bad-authority");
    head_.absolute_form = true;
    rest.remove_prefix(length);
    if (rest.empty() && head_.method_kind == method_id::options) {
        head_.target = head_.path = "*";
        return true;
    }
    head_.target = rest.empty() ? std::string_view("/") : rest;
    set_path(rest);
    return true;
}

bool request_parser::field_lines() noexcept {
    while (true) {
        if (at_ == end_) return out_of_bytes();
        if (*at_ == '\r') {
            if (end_ - at_ < 2) return out_of_bytes();
            if (at_[1] != '\n') return bad("bare-cr");
            at_ += 2;
            return true;
        }
        if (head_.fields.size() >= limits_.fields) return refuse(431, "too-many-fields");
        if (!field_line()) return false;
    }
}

bool request_parser::field_line() noexcept {
    const char* const line = at_;
    const char* const colon = scan::find_token_end(line, end_, floor_);
    if (colon == end_) return out_of_bytes();
    if (*colon != ':' || colon == line) [[unlikely]]
        return refuse_name(colon);

    const char* const stop = scan::find<scan::forbidden_in_value>(colon + 1, end_, floor_);
    if (stop == end_) return out_of_bytes();
    if (*stop != '\r') [[unlikely]]
        return refuse_value(*stop);
    if (end_ - stop < 2) return out_of_bytes();
    if (stop[1] != '\n') return bad("bare-cr");
    at_ = stop + 2;

    field& one = head_.fields.add({.name = {line, colon},
                                   .value = scan::trim({colon + 1, stop}),
                                   .line = {line, at_},
                                   .id = field_id_of({line, colon})});
    one.plain = is_plain_line(one.name, one.value, one.line);
    return look_at(one);
}

bool request_parser::refuse_name(const char* at) noexcept {
    const bool is_first_byte = at == at_;
    switch (*at) {
        case ':': return bad("empty-field-name");
        case ' ':
        case '\t': return bad(is_first_byte ? "obs-fold" : "blank-in-field-name");
        case '\n': return bad("bare-lf");
        case '\r': return bad("field-without-colon");
        default: return bad("bad-field-name");
    }
}

bool request_parser::refuse_value(char byte) noexcept {
    switch (byte) {
        case '\n': return bad("bare-lf");
        case '\0': return bad("nul-in-value");
        default: return bad("control-in-value");
    }
}

/// Notes what a field says to us. Faults that need the whole head are left to `conclude`.
bool request_parser::look_at(field& one) noexcept {
    one.hop_by_hop = is_hop_by_hop(one.id);
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
        case field_id::other:
        case field_id::ours:
        case field_id::x_forwarded_other:
            if (one.name.contains('_')) return apply_underscore_policy(one);
            break;
        default: break;
    }
    return true;
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

bool request_parser::conclude() noexcept {
    if (!check_host() || !check_framing() || !check_expect() || !check_max_forwards()) return false;

    if (connection_.names_fields) mark_named_by_connection(head_.fields);
    head_.keep_alive = connection_.keep_connection(head_.minor);
    head_.wants_websocket = upgrades_ == 1 && equal_ignoring_case(upgrade_, "websocket") &&
                            connection_.upgrade && head_.minor == 1 &&
                            head_.method_kind == method_id::get && !head_.has_body();
    head_.bytes = {start_, at_};
    return true;
}

bool request_parser::check_host() noexcept {
    if (host_ == nullptr) return head_.minor == 0 ? true : bad("no-host");
    head_.has_host_field = true;
    if (!split_authority(host_->value)) return bad("bad-host");
    if (!head_.absolute_form) {
        head_.host = host_->value;
        return true;
    }
    if (!same_authority(head_.host, host_->value, default_port_)) return bad("host-differs");
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
            case coding::unknown: return refuse(501, "unknown-transfer-coding");
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
        return refuse(417, "unknown-expectation");
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
    head.host = head.path = head.query = {};
    head.has_host_field = head.absolute_form = false;
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
    const std::size_t before = all.size() - std::min(added, all.size());
    return all.size() >= limits.head || all.substr(before).contains('\n');
}

}  // namespace hawser::http::h1
