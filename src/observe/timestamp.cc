// SPDX-License-Identifier: Apache-2.0
#include "observe/timestamp.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>
#include <string_view>

namespace hawser::observe {

void timestamp::append(std::string& line, wall_time when) {
    const auto second = std::chrono::floor<std::chrono::seconds>(when);
    if (second != second_) {
        second_ = second;
        write_second(second);
    }
    line += text_;
    if (style_ == style::combined) return;
    const auto part = static_cast<unsigned>((when - second).count());
    line += static_cast<char>('0' + part / 100);
    line += static_cast<char>('0' + part / 10 % 10);
    line += static_cast<char>('0' + part % 10);
    if (style_ == style::rfc3339) line += 'Z';
}

void timestamp::write_second(std::chrono::sys_seconds second) {
    static constexpr std::array<std::string_view, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t number = second.time_since_epoch().count();
    tm date{};
    if (style_ == style::clock) {
        ::localtime_r(&number, &date);
    } else {
        ::gmtime_r(&number, &date);
    }
    text_.clear();
    const auto into = std::back_inserter(text_);
    switch (style_) {
        case style::rfc3339:
            fmt::format_to(into, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", date.tm_year + 1900,
                           date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
            break;
        case style::combined:
            fmt::format_to(into, "{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000", date.tm_mday,
                           months[static_cast<std::size_t>(date.tm_mon)], date.tm_year + 1900,
                           date.tm_hour, date.tm_min, date.tm_sec);
            break;
        case style::clock:
            fmt::format_to(into, "{:02}:{:02}:{:02}.", date.tm_hour, date.tm_min, date.tm_sec);
            break;
    }
}

}  // namespace hawser::observe
