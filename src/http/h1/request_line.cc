// SPDX-License-Identifier: Apache-2.0
#include "http/h1/request_line.h"

#include <algorithm>
#include <cstring>

#include "http/scan.h"
#include "http/uri.h"

namespace hawser::http::h1 {
namespace {

constexpr refusal bad_method{400, "bad-method"};
constexpr refusal bad_target{400, "bad-target"};
constexpr refusal bad_target_form{400, "bad-target-form"};
constexpr refusal bad_authority{400, "bad-authority"};
constexpr refusal bad_version{400, "bad-version"};
constexpr refusal bad_line_end{400, "bad-request-line-end"};
constexpr refusal other_version{505, "version-not-supported"};
constexpr refusal long_method{501, "method-too-long"};
constexpr refusal long_line{414, "request-line-too-long"};

bool parse_method(window& bytes, request_head& head) noexcept {
    const char* const begin = bytes.at;
    const char* const most = begin + std::min(bytes.left(), limits::method_max + 1);
    const char* const stop = scan::find_token_end(begin, most, bytes.floor);
    if (stop == most)
        return stop - begin > static_cast<std::ptrdiff_t>(limits::method_max)
                   ? bytes.refuse(long_method)
                   : bytes.out_of_bytes();
    if (stop == begin || *stop != ' ') return bytes.refuse(bad_method);
    head.method = {begin, stop};
    head.method_kind = method_id_of(head.method);
    bytes.at = stop + 1;
    return true;
}

/// `room` is how many bytes the target and the blank behind it may take. If it does not end within
/// them the line is too long whatever comes, so nothing beyond is looked at.
bool parse_target(window& bytes, request_head& head, std::size_t room) noexcept {
    const char* const begin = bytes.at;
    const char* const most = begin + std::min(bytes.left(), room);
    const char* const stop = scan::find<scan::forbidden_in_target>(begin, most, bytes.floor);
    if (stop == most)
        return static_cast<std::size_t>(stop - begin) == room ? bytes.refuse(long_line)
                                                              : bytes.out_of_bytes();
    if (*stop != ' ' || stop == begin) return bytes.refuse(bad_target);
    head.target = {begin, stop};
    bytes.at = stop + 1;
    return true;
}

bool parse_version_bytewise(window& bytes, request_head& head) noexcept {
    constexpr std::string_view shape = "HTTP/d.d\r\n";
    const char* const version = bytes.at;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (version + i == bytes.end) return bytes.out_of_bytes();
        const bool fits = shape[i] == 'd' ? scan::is_digit(version[i]) : version[i] == shape[i];
        if (!fits) return bytes.refuse(i < 8 ? bad_version : bad_line_end);
    }
    if (version[5] != '1' || version[7] > '1') return bytes.refuse(other_version);
    head.minor = static_cast<unsigned>(version[7] - '0');
    bytes.at += shape.size();
    return true;
}

bool parse_version(window& bytes, request_head& head) noexcept {
    constexpr std::string_view spoken = "HTTP/1.1\r\n";
    if (bytes.left() < spoken.size() || std::memcmp(bytes.at, spoken.data(), spoken.size()) != 0)
        [[unlikely]]
        return parse_version_bytewise(bytes, head);
    head.minor = 1;
    bytes.at += spoken.size();
    return true;
}

void set_path(request_head& head, std::string_view target) noexcept {
    const std::size_t mark = target.find('?');
    head.path = target.substr(0, mark);
    head.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    if (head.path.empty()) head.path = "/";
}

/// Takes scheme and authority off: what is left goes to the server, the authority is the host
/// (E33).
bool take_absolute_form(window& bytes, request_head& head) noexcept {
    std::string_view rest = head.target;
    head.scheme = rest.substr(0, rest.find(':'));
    if (!equal_ignoring_case(head.scheme, "http") && !equal_ignoring_case(head.scheme, "https"))
        return bytes.refuse(bad_target_form);
    rest.remove_prefix(head.scheme.size());
    if (!rest.starts_with("://")) return bytes.refuse(bad_target_form);
    rest.remove_prefix(3);

    const std::size_t length = std::min(rest.find_first_of("/?"), rest.size());
    head.host = rest.substr(0, length);
    if (!split_authority(head.host)) return bytes.refuse(bad_authority);
    rest.remove_prefix(length);
    if (rest.empty() && head.method_kind == method_id::options) {
        head.target = head.path = "*";
        return true;
    }
    head.target = rest.empty() ? std::string_view("/") : rest;
    set_path(head, rest);
    return true;
}

bool take_target_form(window& bytes, request_head& head) noexcept {
    if (head.method_kind == method_id::connect) {
        const auto place = split_authority(head.target);
        head.path = head.target;
        return place && place->port ? true : bytes.refuse(bad_target_form);
    }
    // A part of the preface of HTTP/2, which as a whole is a 505 by its version (E39).
    if (head.method == "PRI") return bytes.refuse(bad_method);
    if (head.target.front() == '/') {
        set_path(head, head.target);
        return true;
    }
    if (head.target == "*") {
        head.path = head.target;
        return head.method_kind == method_id::options ? true : bytes.refuse(bad_target_form);
    }
    return take_absolute_form(bytes, head);
}

}  // namespace

bool parse_request_line(window& bytes, request_head& head, const request_limits& limits) noexcept {
    const char* const line = bytes.at;
    if (!parse_method(bytes, head)) return false;

    constexpr std::size_t version_size = 8;
    const auto taken = static_cast<std::size_t>(bytes.at - line) + version_size;
    if (taken >= limits.line) return bytes.refuse(long_line);
    return parse_target(bytes, head, limits.line - taken) && parse_version(bytes, head) &&
           take_target_form(bytes, head);
}

}  // namespace hawser::http::h1
