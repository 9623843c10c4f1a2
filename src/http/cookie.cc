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

struct named_pair {
    std::string_view before;  ///< all in front of it, the `;` included
    std::string_view value;   ///< what stands after the `=`, trimmed
};

/// Takes the text up to and with the next pair whose name is exactly `name` off the front of
/// `rest`, and the `;` behind it. Without one `rest` stays as it is. The name is looked for, not
/// the pairs: most of a Cookie field is other cookies' values.
std::optional<named_pair> take_pair_named(std::string_view name, std::string_view& rest) noexcept {
    for (std::size_t at = rest.find(name); at != rest.npos; at = rest.find(name, at + 1)) {
        std::size_t begin = at;
        while (begin != 0 && scan::is_blank(rest[begin - 1])) --begin;
        std::size_t equals = at + name.size();
        while (equals != rest.size() && scan::is_blank(rest[equals])) ++equals;
        if ((begin != 0 && rest[begin - 1] != ';') || equals == rest.size() || rest[equals] != '=')
            continue;
        const std::string_view before = rest.substr(0, begin);
        rest.remove_prefix(equals + 1);
        return named_pair{.before = before, .value = scan::trim(take_pair(rest))};
    }
    return std::nullopt;
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
        if (const auto pair = take_pair_named(name_, rest_)) {
            value_ = without_quotes(pair->value);
            return;
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
    return take_pair_named(name, cookie_value).has_value();
}

std::string_view strip_cookie(std::string_view name, std::string_view cookie_value,
                              std::span<char> out) noexcept {
    char* next = out.data();
    bool is_first_run = true;
    bool keeps_a_cookie = false;
    // Neighbours that stay are copied as one run, their separators included.
    const auto keep = [&](std::string_view run) {
        if (is_first_run)
            run.remove_prefix(std::min(run.find_first_not_of(" \t"), run.size()));
        else
            *next++ = ';';
        is_first_run = false;
        keeps_a_cookie = keeps_a_cookie || run.find_first_not_of("; \t") != run.npos;
        next = std::ranges::copy(run, next).out;
    };

    std::string_view rest = cookie_value;
    while (const auto pair = take_pair_named(name, rest)) {
        if (!pair->before.empty()) keep(pair->before.substr(0, pair->before.size() - 1));
    }
    if (rest.data() != nullptr) keep(rest);
    if (!keeps_a_cookie) return {};
    return {out.data(), static_cast<std::size_t>(next - out.data())};
}

cookie_mark split_mark(std::string_view value, std::size_t mark_size) noexcept {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (value.size() <= mark_size || value[mark_size] != '~') return {.mark = {}, .value = value};
    const auto mark = value.substr(0, mark_size);
    if (mark.find_first_not_of(alphabet) != mark.npos) return {.mark = {}, .value = value};
    return {.mark = mark, .value = value.substr(mark_size + 1)};
}

std::string_view unmark_cookie(std::string_view name, std::size_t mark_size,
                               std::string_view cookie_value, std::span<char> out) noexcept {
    char* next = out.data();
    const char* kept = cookie_value.data();  // up to here it is copied
    const char* const end = kept + cookie_value.size();
    for (std::string_view rest = cookie_value; const auto pair = take_pair_named(name, rest);) {
        const auto split = split_mark(pair->value, mark_size);
        if (split.mark.empty()) continue;
        next = std::copy(kept, split.mark.data(), next);
        kept = split.value.data();
    }
    next = std::copy(kept, end, next);
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
