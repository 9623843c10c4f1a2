// SPDX-License-Identifier: Apache-2.0
#include "sessions/payload.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace hawser::sessions {

namespace {

constexpr std::size_t digits_of_mark = 16;

/// Goes over the text of a JSON value, from field to field. What is no JSON ends it early.
class scanner {
  public:
    explicit scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t at() const { return at_; }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }
    [[nodiscard]] bool take(char c) {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    /// Behind a string; false: there is none.
    [[nodiscard]] bool skip_string() {
        if (!take('"')) return false;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
            } else if (text_[at_] == '"') {
                ++at_;
                return true;
            }
        }
        return false;
    }
    /// Behind a value of any kind.
    [[nodiscard]] bool skip_value() {
        std::size_t depth = 0;
        skip_blanks();
        do {
            if (at_ == text_.size()) return false;
            const char c = text_[at_];
            if (c == '"') {
                if (!skip_string()) return false;
                continue;
            }
            if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                if (depth == 0) return false;
                --depth;
            } else if (depth == 0) {
                at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
                return true;
            }
            ++at_;
        } while (depth > 0);
        return true;
    }

  private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string_view value_of(std::string_view text, const member& one) {
    return text.substr(one.value, one.end - one.value);
}

/// The time in `cookie.expires`, its quotes included: where it begins and ends.
std::optional<member> find_expiry(std::string_view text) {
    const auto cookie = find_member(text, "cookie");
    if (!cookie) return std::nullopt;
    auto found = find_member(value_of(text, *cookie), "expires");
    if (!found || text[cookie->value + found->value] != '"') return std::nullopt;
    found->value += cookie->value;
    found->end += cookie->value;
    return found;
}

std::string digits_of(std::uint64_t reading) {
    std::string digits(digits_of_mark, '0');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, reading >>= 4)
        *digit = "0123456789abcdef"[reading & 0xf];
    return digits;
}

std::optional<std::uint64_t> reading_of(std::string_view digits) {
    std::uint64_t reading = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, failed] = std::from_chars(digits.data(), end, reading, 16);
    if (digits.size() != digits_of_mark || failed != std::errc() || stop != end)
        return std::nullopt;
    return reading;
}

std::string php_array_head(std::uint32_t count) { return "a:" + std::to_string(count) + ":{"; }

/// `a:COUNT:{`, as PHP's serialize() writes an array: COUNT, and what stands before and behind it.
struct php_array {
    std::uint32_t count;
    std::size_t size;  ///< of the head
};

std::optional<php_array> php_array_of(std::string_view data) {
    if (!data.starts_with("a:")) return std::nullopt;
    std::uint32_t count = 0;
    const auto* end = data.data() + data.size();
    const auto read = std::from_chars(data.data() + 2, end, count);
    if (read.ec != std::errc() || count == std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    const auto head = php_array_head(count);
    if (!data.starts_with(head)) return std::nullopt;
    return php_array{.count = count, .size = head.size()};
}

/// PHP's own format for sessions: `name|value` one after the other.
bool is_php_session(std::string_view data) {
    const auto is_of_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    const auto end = std::ranges::find_if_not(data, is_of_name);
    return end != data.begin() && end != data.end() && *end == '|';
}

std::string php_session_mark(std::string_view field, std::string_view digits) {
    return std::string(field) + "|s:16:\"" + std::string(digits) + "\";";
}

std::string php_array_mark(std::string_view field, std::string_view digits) {
    return "s:" + std::to_string(field.size()) + ":\"" + std::string(field) + "\";s:16:\"" +
           std::string(digits) + "\";";
}

/// The digits of a mark whose form is `made_of_none` where the digits stand as such, at `data`'s
/// beginning.
std::optional<std::uint64_t> mark_at_front(std::string_view data, std::string_view made_of_none) {
    constexpr std::string_view none = "0000000000000000";
    const auto before = made_of_none.substr(0, made_of_none.rfind(none));
    const auto behind = made_of_none.substr(before.size() + none.size());
    if (!data.starts_with(before) ||
        !data.substr(std::min(data.size(), before.size() + none.size())).starts_with(behind))
        return std::nullopt;
    return reading_of(data.substr(before.size(), none.size()));
}

std::optional<std::uint64_t> take_json_mark(std::string& data, std::string_view field) {
    const auto found = find_member(data, field);
    if (!found) return std::nullopt;
    auto digits = value_of(data, *found);
    if (digits.size() < 2 || !digits.starts_with('"')) return std::nullopt;
    const auto reading = reading_of(digits.substr(1, digits.size() - 2));
    if (!reading) return std::nullopt;
    // With it goes the comma behind it, or, at the end, the one before it.
    std::size_t begin = found->begin;
    std::size_t end = data.find_first_not_of(" \t\r\n", found->end);
    if (end != std::string::npos && data[end] == ',') {
        ++end;
    } else {
        end = found->end;
        const auto before = data.find_last_not_of(" \t\r\n", begin - 1);
        if (data[before] == ',') begin = before;
    }
    data.erase(begin, end - begin);
    return reading;
}

}  // namespace

std::optional<member> find_member(std::string_view text, std::string_view name) {
    scanner by(text);
    if (!by.take('{')) return std::nullopt;
    do {
        by.skip_blanks();
        member found{.begin = by.at(), .value = 0, .end = 0};
        if (!by.skip_string()) return std::nullopt;
        const auto called = text.substr(found.begin + 1, by.at() - found.begin - 2);
        if (!by.take(':')) return std::nullopt;
        by.skip_blanks();
        found.value = by.at();
        if (!by.skip_value()) return std::nullopt;
        found.end = by.at();
        if (called == name) return found;
    } while (by.take(','));
    return std::nullopt;
}

bool has_something(std::string_view text, std::string_view path) {
    for (;;) {
        const auto name = path.substr(0, path.find('.'));
        const auto found = find_member(text, name);
        if (!found) return false;
        text = value_of(text, *found);
        if (name.size() == path.size()) break;
        path.remove_prefix(name.size() + 1);
    }
    static constexpr std::string_view nothing[] = {"null", "false", "0", "\"\"", "{}", "[]"};
    return std::ranges::find(nothing, text) == std::end(nothing);
}

bool is_same_but_expiry(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    if (one == other) return true;
    const auto expiry = find_expiry(one);
    if (!expiry || one.substr(0, expiry->value) != other.substr(0, expiry->value) ||
        one.substr(expiry->end) != other.substr(expiry->end))
        return false;
    // Both are one string there, not the end of one and something more.
    const auto time = other.substr(expiry->value, expiry->end - expiry->value);
    return time.starts_with('"') && time.ends_with('"') &&
           !time.substr(1, time.size() - 2).contains('"') && !time.contains('\\');
}

std::string with_mark(std::string data, std::string_view field, std::uint64_t reading) {
    const auto digits = digits_of(reading);
    scanner by(data);
    if (by.take('{')) {
        const std::size_t front = by.at();
        const bool is_empty = by.take('}');
        std::string mark = "\"" + std::string(field) + "\":\"" + digits + "\"";
        if (!is_empty) mark += ',';
        return data.insert(front, mark);
    }
    if (const auto array = php_array_of(data)) {
        const auto head = php_array_head(array->count + 1);
        return data.replace(0, array->size, head + php_array_mark(field, digits));
    }
    if (is_php_session(data)) return data.insert(0, php_session_mark(field, digits));
    return data;
}

std::optional<std::uint64_t> take_mark(std::string& data, std::string_view field) {
    if (const auto reading = take_json_mark(data, field)) return reading;
    const auto none = digits_of(0);
    if (const auto array = php_array_of(data); array && array->count > 0) {
        const auto form = php_array_mark(field, none);
        const auto reading = mark_at_front(std::string_view(data).substr(array->size), form);
        if (!reading) return std::nullopt;
        data.replace(0, array->size + form.size(), php_array_head(array->count - 1));
        return reading;
    }
    const auto form = php_session_mark(field, none);
    const auto reading = mark_at_front(data, form);
    if (reading) data.erase(0, form.size());
    return reading;
}

}  // namespace hawser::sessions
