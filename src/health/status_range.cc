// SPDX-License-Identifier: Apache-2.0
#include "health/status_range.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::config {

namespace {

std::optional<unsigned> status_of(std::string_view text) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_all = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (!is_all || text.size() != 3 || value < 100 || value > 599) return std::nullopt;
    return value;
}

}  // namespace

bool codec<health::status_range>::read(const node& given, health::status_range& into,
                                       diagnostics& out) {
    if (!detail::expect_scalar(given, "a status or a range of them", out)) return false;
    const std::string_view text = given.text();
    const auto first = status_of(text.substr(0, text.find('-')));
    const auto last = text.contains('-') ? status_of(text.substr(text.find('-') + 1)) : first;
    if (!first || !last || *last < *first) {
        out.error(given.at(), "`" + given.text() + "` is no status: write `200` or `200-399`");
        return false;
    }
    into = {*first, *last};
    return true;
}

node codec<health::status_range>::show(const health::status_range& value) {
    const auto first = std::to_string(value.first);
    return node::plain(value.last == value.first ? first
                                                 : first + "-" + std::to_string(value.last));
}

shape codec<health::status_range>::type() {
    auto made = codec<std::string>::type();
    made.words = "status or range";
    made.schema = node::empty_map();
    return made;
}

}  // namespace hawser::config
