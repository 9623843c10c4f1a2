// SPDX-License-Identifier: Apache-2.0
#include "http/h2/head_builder.h"

#include <algorithm>
#include <utility>

#include "crypto/random.h"
#include "http/scan.h"
#include "http/uri.h"

namespace hawser::http::h2 {
namespace {

constexpr std::array<std::string_view, 6> pseudo_names{":method", ":scheme",   ":authority",
                                                       ":path",   ":protocol", ":status"};

/// A token without capital letters (E94).
bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return scan::is_token_byte(c) && (c < 'A' || c > 'Z');
    });
}

/// No control but HTAB, and no blank at either end (RFC 9113 8.2.1).
bool is_value(std::string_view value) {
    if (value.empty()) return true;
    const char* const end = value.data() + value.size();
    return scan::find_value_end(value.data(), end, value.data()) == end &&
           !scan::is_blank(value.front()) && !scan::is_blank(value.back());
}

/// Fields that say something about one connection of HTTP/1.1 (E95).
bool is_of_connection(field_id id) {
    return id == field_id::connection || id == field_id::keep_alive ||
           id == field_id::proxy_connection || id == field_id::transfer_encoding ||
           id == field_id::upgrade;
}

/// A handshake's key for a server that speaks HTTP/1.1: RFC 8441 clients send none. Its one
/// purpose is that the server's proof fits it.
std::string new_websocket_key() {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 22> random;
    crypto::random_bytes(random);
    std::string key;
    for (const std::uint8_t byte : random) key += digits[byte % 64U];
    // Sixteen bytes in base64: the last digit has four bits that must be zero.
    key.back() = digits[random.back() % 4U * 16U];
    return key + "==";
}

}  // namespace

void head_builder::begin(kind what, const block_limits& limits) {
    *this = {};
    kind_ = what;
    limits_ = limits;
}

void head_builder::add(std::string_view name, std::string_view value) {
    if (made_.why) return;
    bytes_ += name.size() + value.size() + limits::h2_field_overhead;
    if (bytes_ > limits_.bytes) return fault("head-too-large", 431);
    if (++fields_ > limits_.fields) return fault("too-many-fields", 431);
    if (!is_value(value)) return fault("bad-field-value");
    if (name.starts_with(':')) return add_pseudo(name, value);
    if (!is_name(name)) return fault("bad-field-name");
    if (kind_ == kind::trailers) return add_trailer(name, value);
    if (!lines_begun_) begin_lines();
    if (!made_.why) add_field(name, value);
}

received_head head_builder::finish(bool ends_stream) {
    if (kind_ == kind::trailers) {
        if (!ends_stream) fault("trailers-without-end");
    } else {
        if (!lines_begun_ && !made_.why) begin_lines();
        if (!made_.why)
            kind_ == kind::request ? end_request(ends_stream) : end_response(ends_stream);
    }
    made_.is_last = ends_stream;
    if (made_.why) made_.text.clear();
    return std::move(made_);
}

void head_builder::fault(std::string_view cause, unsigned code) {
    if (made_.why) return;
    made_.why = {.status = kind_ == kind::response ? 502U : code, .cause = cause};
}

void head_builder::add_pseudo(std::string_view name, std::string_view value) {
    if (lines_begun_ || kind_ == kind::trailers) return fault("misplaced-pseudo-field");
    const auto known = std::ranges::find(pseudo_names, name);
    if (known == pseudo_names.end()) return fault("unknown-pseudo-field");
    const auto which = static_cast<pseudo>(known - pseudo_names.begin());
    if ((which == status) != (kind_ == kind::response)) return fault("unknown-pseudo-field");
    if (has(which)) return fault("duplicate-pseudo-field");
    if (value.empty()) return fault("empty-pseudo-field");
    seen_ |= 1U << which;
    pseudo_[which] = value;
}

void head_builder::begin_lines() {
    lines_begun_ = true;
    kind_ == kind::request ? begin_request() : begin_response();
}

void head_builder::begin_request() {
    if (!has(method)) return fault("no-method");
    if (pseudo_[method].size() > limits::method_max) return fault("method-too-long", 501);
    // A blank in a method would make two words of it in a request line (E97).
    if (!std::ranges::all_of(pseudo_[method], scan::is_token_byte)) return fault("bad-method");

    std::string_view asked = pseudo_[method];
    std::string_view target = pseudo_[path];
    if (has(protocol)) {
        if (!is_connect()) return fault("protocol-without-connect");
        if (pseudo_[protocol] != "websocket") return fault("unknown-protocol", 501);
        made_.is_websocket = true;
        asked = "GET";
    } else if (is_connect()) {
        if (has(scheme) || has(path) || !has(authority)) return fault("bad-connect");
        target = pseudo_[authority];
    }
    if (!is_connect() || made_.is_websocket) {
        if (!has(scheme)) return fault("no-scheme");
        if (pseudo_[scheme] != "http" && pseudo_[scheme] != "https") return fault("bad-scheme");
        if (!has(path)) return fault("no-path");
        // The parser would take an absolute URI, which has no place here (E97).
        const bool is_asterisk = target == "*" && asked == "OPTIONS";
        if (!target.starts_with('/') && !is_asterisk) return fault("bad-path");
    }
    if (scan::find<scan::forbidden_in_target>(target.data(), target.data() + target.size(),
                                              target.data()) != target.data() + target.size())
        return fault("bad-path");

    made_.text.reserve(512);
    made_.text.append(asked).append(" ").append(target).append(" HTTP/1.1\r\n");
    if (has(authority)) line("host", pseudo_[authority]);
}

void head_builder::begin_response() {
    if (!has(status)) return fault("no-status");
    const std::string_view code = pseudo_[status];
    if (code.size() != 3 || !std::ranges::all_of(code, scan::is_digit)) return fault("bad-status");
    // There is no other protocol to switch to (RFC 9113 8.6).
    if (code == "101") return fault("unasked-upgrade");
    made_.is_interim = code.front() == '1';
    made_.text.append("HTTP/1.1 ").append(code).append(" \r\n");
}

void head_builder::add_field(std::string_view name, std::string_view value) {
    const field_id id = field_id_of(name);
    if (is_of_connection(id)) return fault("connection-field");
    switch (id) {
        case field_id::te:
            if (value != "trailers") return fault("bad-te");
            break;
        case field_id::host:
            if (kind_ != kind::request) break;
            if (std::exchange(has_host_, true)) return fault("duplicate-host");
            if (!has(authority)) break;
            if (!same_authority(value, pseudo_[authority], pseudo_[scheme] == "https" ? 443 : 80))
                return fault("host-differs");
            return;  // it stands there already
        case field_id::cookie:
            if (kind_ != kind::request) break;
            if (!cookies_.empty()) cookies_.append("; ");
            cookies_.append(value);
            return;  // crumbs become one field (E101)
        case field_id::content_length:
            has_length_ = true;
            is_length_zero_ = value.find_first_not_of('0') == std::string_view::npos;
            break;
        case field_id::sec_websocket_key:
            if (made_.is_websocket) return;  // RFC 8441 5: it has no meaning here
            break;
        default: break;
    }
    line(name, value);
}

/// A name spelled with `_` is judged as what an application may read it as (E26, E51).
void head_builder::add_trailer(std::string_view name, std::string_view value) {
    const field_id id = field_id_of_look_alike(name);
    if (is_of_connection(id)) return fault("connection-field");
    if (may_be_trailer(id)) line(name, value);
}

void head_builder::end_request(bool ends_stream) {
    if (!cookies_.empty()) line("cookie", cookies_);
    if (made_.is_websocket) {
        if (ends_stream || has_length_) return fault("bad-websocket");
        line("connection", "Upgrade");
        line("upgrade", "websocket");
        line("sec-websocket-key", new_websocket_key());
    } else if (!ends_stream && !has_length_) {
        line("transfer-encoding", "chunked");
    }
    made_.must_end_empty = is_length_zero_ && !ends_stream;
    made_.text.append("\r\n");
}

void head_builder::end_response(bool ends_stream) {
    if (made_.is_interim && ends_stream) return fault("end-after-interim");
    // A body whose end is not announced still has a certain one, unlike HTTP/1.1's until close.
    if (!ends_stream && !has_length_ && !made_.is_interim) line("transfer-encoding", "chunked");
    made_.text.append("\r\n");
}

void head_builder::line(std::string_view name, std::string_view value) {
    made_.text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace hawser::http::h2
