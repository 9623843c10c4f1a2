// SPDX-License-Identifier: Apache-2.0
#include "http/date.h"

#include <algorithm>

#include "http/field.h"

namespace hawser::http {
namespace {

constexpr std::string_view days = "SunMonTueWedThuFriSat";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// `number` in decimal digits, as many as `count`.
void put_digits(char* at, unsigned number, int count) noexcept {
    for (int i = count - 1; i >= 0; --i) {
        at[i] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

bool is_digit(char one) noexcept { return one >= '0' && one <= '9'; }

/// The digits at the front of `text`, at most `most`; nothing if there are none, or more.
std::optional<unsigned> leading_number(std::string_view text, std::size_t most) noexcept {
    unsigned number = 0;
    std::size_t size = 0;
    for (; size < text.size() && is_digit(text[size]); ++size) {
        if (size == most) return std::nullopt;
        number = number * 10 + unsigned(text[size] - '0');
    }
    return size == 0 ? std::nullopt : std::optional(number);
}

/// The parts of a cookie's date that were found so far.
struct date_parts {
    std::optional<std::chrono::seconds> clock;
    std::optional<unsigned> day;
    std::optional<unsigned> month;
    std::optional<unsigned> year;

    void take(std::string_view token) noexcept {
        if (!clock) {
            clock = clock_in(token);
            if (clock) return;
        }
        if (!is_digit(token.front())) {
            if (!month) month = month_in(token);
            return;
        }
        if (!day) {
            day = leading_number(token, 2);
            if (day) return;
        }
        if (year) return;
        year = leading_number(token, 4);
        if (year && *year < 70) *year += 2000;
        if (year && *year < 100) *year += 1900;
    }

    static std::optional<std::chrono::seconds> clock_in(std::string_view token) noexcept {
        std::array<unsigned, 3> parts{};
        for (std::size_t n = 0; n < parts.size(); ++n) {
            const auto number = leading_number(token, 2);
            if (!number) return std::nullopt;
            parts[n] = *number;
            if (n == 2) break;
            const auto colon = token.find(':');
            if (colon == token.npos) return std::nullopt;
            token.remove_prefix(colon + 1);
        }
        if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
        return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) +
               std::chrono::seconds(parts[2]);
    }

    static std::optional<unsigned> month_in(std::string_view token) noexcept {
        for (unsigned n = 0; token.size() >= 3 && n < 12; ++n)
            if (equal_ignoring_case(token.substr(0, 3), months.substr(std::size_t{n} * 3, 3)))
                return n + 1;
        return std::nullopt;
    }
};

bool is_delimiter(char one) noexcept {
    const bool is_word = is_digit(one) || (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
    return !is_word && one != ':';
}

}  // namespace

std::optional<wall_time> read_cookie_date(std::string_view text) noexcept {
    using namespace std::chrono;
    date_parts found;
    while (!text.empty()) {
        const auto* const stop = std::ranges::find_if(text, is_delimiter);
        const auto token = text.substr(0, static_cast<std::size_t>(stop - text.begin()));
        text.remove_prefix(std::min(text.size(), token.size() + 1));
        if (!token.empty()) found.take(token);
    }
    if (!found.clock || !found.day || !found.month || !found.year) return std::nullopt;
    const year_month_day date(year(static_cast<int>(*found.year)), month(*found.month),
                              day(*found.day));
    if (*found.year < 1601 || !date.ok()) return std::nullopt;
    return wall_time(sys_days(date)) + *found.clock;
}

void write_date(wall_time at, std::array<char, date_size>& out) noexcept {
    using namespace std::chrono;
    const auto day = floor<std::chrono::days>(at);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(at - day));

    std::ranges::copy(std::string_view("Sun, 00 Jan 0000 00:00:00 GMT"), out.begin());
    std::ranges::copy(http::days.substr(weekday(day).c_encoding() * 3, 3), out.begin());
    put_digits(&out[5], unsigned{date.day()}, 2);
    std::ranges::copy(http::months.substr((unsigned{date.month()} - 1) * 3, 3), out.begin() + 8);
    put_digits(&out[12], static_cast<unsigned>(int{date.year()}), 4);
    put_digits(&out[17], static_cast<unsigned>(clock.hours().count()), 2);
    put_digits(&out[20], static_cast<unsigned>(clock.minutes().count()), 2);
    put_digits(&out[23], static_cast<unsigned>(clock.seconds().count()), 2);
}

std::string_view date_clock::text(wall_time now) noexcept {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != shown_) {
        write_date(now, text_);
        shown_ = second;
    }
    return {text_.data(), text_.size()};
}

}  // namespace hawser::http
