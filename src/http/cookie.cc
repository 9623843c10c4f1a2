// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/date.h"
#include "http/scan.h"

namespace hawser::http {
namespace {

/// Takes the text up to the next `;` off the front of `rest`, and that `;`. After the last pair
/// `rest` is null; an empty one that is not null still holds an empty pair.
std::string_view take_pair(std::string_view& rest) noexcept {
    const char* const begin = rest.data();
    const char* const end = begin + rest.size();
    const char* const stop = scan::find<scan::semicolon>(begin, end, begin);
    rest = stop == end ? std::string_view() : std::string_view(stop + 1, end);
    return {begin, stop};
}

/// The value of `pair` if its name is exactly `name`: what stands after the `=`, trimmed.
std::optional<std::string_view> value_if_named(std::string_view pair,
                                               std::string_view name) noexcept {
    while (!pair.empty() && scan::is_blank(pair.front())) pair.remove_prefix(1);
    // The first byte tells most others apart without a call.
    if (pair.size() < name.size() || (!name.empty() && pair.front() != name.front()) ||
        !pair.starts_with(name))
        return std::nullopt;
    pair.remove_prefix(name.size());
    while (!pair.empty() && scan::is_blank(pair.front())) pair.remove_prefix(1);
    if (!pair.starts_with('=')) return std::nullopt;
    return scan::trim(pair.substr(1));
}

std::string_view without_quotes(std::string_view value) noexcept {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        return value.substr(1, value.size() - 2);
    return value;
}

/// What browsers heed as a Max-Age: digits, maybe behind a minus.
bool is_age(std::string_view text) noexcept {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string_view name_of(same_site policy) noexcept {
    switch (policy) {
        case same_site::lax: return "Lax";
        case same_site::strict: return "Strict";
        case same_site::none: return "None";
    }
    std::unreachable();
}

}  // namespace

void cookies_named::iterator::advance() noexcept {
    while (true) {
        while (!rest_.empty()) {
            if (const auto value = value_if_named(take_pair(rest_), name_)) {
                value_ = without_quotes(*value);
                return;
            }
        }
        while (!fields_.empty() && fields_.front().id != field_id::cookie)
            fields_ = fields_.subspan(1);
        if (fields_.empty()) break;
        rest_ = fields_.front().value;
        fields_ = fields_.subspan(1);
    }
    at_end_ = true;
}

std::optional<std::string_view> find_cookie(std::string_view name,
                                            std::span<const field> fields) noexcept {
    const auto first = cookies_named(name, fields).begin();
    if (first == std::default_sentinel) return std::nullopt;
    return *first;
}

bool has_cookie(std::string_view name, std::string_view cookie_value) noexcept {
    while (!cookie_value.empty())
        if (value_if_named(take_pair(cookie_value), name)) return true;
    return false;
}

std::string_view strip_cookie(std::string_view name, std::string_view cookie_value,
                              std::span<char> out) noexcept {
    char* next = out.data();
    bool is_first_run = true;
    bool keeps_a_cookie = false;
    // Neighbours that stay are copied as one run, their separators included.
    const char* run = nullptr;
    const char* run_end = nullptr;
    const auto flush = [&] {
        if (run == nullptr) return;
        if (is_first_run)
            while (run != run_end && scan::is_blank(*run)) ++run;
        else
            *next++ = ';';
        is_first_run = false;
        next = std::copy(run, run_end, next);
        run = nullptr;
    };

    for (std::string_view rest = cookie_value; rest.data() != nullptr;) {
        const std::string_view pair = take_pair(rest);
        if (value_if_named(pair, name)) {
            flush();
            continue;
        }
        if (run == nullptr) run = pair.data();
        run_end = pair.data() + pair.size();
        keeps_a_cookie = keeps_a_cookie || !scan::trim(pair).empty();
    }
    flush();
    if (!keeps_a_cookie) return {};
    return {out.data(), static_cast<std::size_t>(next - out.data())};
}

void append_set_cookie(const set_cookie& cookie, std::string& lines) {
    lines.append("Set-Cookie: ").append(cookie.name).append("=").append(cookie.value);
    lines.append("; Path=").append(cookie.path);
    if (!cookie.domain.empty()) lines.append("; Domain=").append(cookie.domain);
    if (cookie.max_age) lines.append("; Max-Age=").append(std::to_string(*cookie.max_age));
    if (cookie.secure) lines.append("; Secure");
    lines.append("; HttpOnly; SameSite=").append(name_of(cookie.cross_site)).append("\r\n");
}

cookie_set read_set_cookie(std::string_view value, wall_time now) noexcept {
    const auto pair = take_pair(value);
    const auto equals = pair.find('=');
    cookie_set made{.name = scan::trim(pair.substr(0, equals)), .value = {}};
    if (equals != pair.npos) made.value = without_quotes(scan::trim(pair.substr(equals + 1)));
    while (value.data() != nullptr) {
        const auto attribute = take_pair(value);
        const auto mark = std::min(attribute.find('='), attribute.size());
        const auto name = scan::trim(attribute.substr(0, mark));
        const auto said = scan::trim(attribute.substr(std::min(mark + 1, attribute.size())));
        if (equal_ignoring_case(name, "max-age")) made.max_age = said;
        if (equal_ignoring_case(name, "expires")) made.expires = said;
    }
    if (is_age(made.max_age)) {
        made.is_deleted =
            made.max_age.front() == '-' || made.max_age.find_first_not_of('0') == value.npos;
    } else {
        const auto end = read_cookie_date(made.expires);
        made.is_deleted = end && *end <= now;
    }
    return made;
}

std::string_view name_set_by(std::string_view set_cookie_value) noexcept {
    const auto pair = set_cookie_value.substr(0, set_cookie_value.find(';'));
    return scan::trim(pair.substr(0, pair.find('=')));
}

bool is_token(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, scan::is_token_byte);
}

}  // namespace hawser::http
