// SPDX-License-Identifier: Apache-2.0
#include "http/date.h"

#include <algorithm>

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

}  // namespace

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
