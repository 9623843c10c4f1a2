// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/scan.h"

#include <algorithm>

#include "sessions/glob.h"
#include "sessions/limits.h"

namespace hawser::sessions::resp {

namespace {

constexpr std::int64_t scanned_max = 1000;
constexpr std::size_t matched_at_once = 1024;  ///< bytes of a pattern, between two breaths

/// False: it has been answered what is wrong with it.
bool read_option(call& asked, std::string_view name, std::string_view value, scan_options& into) {
    if (is_word(name, "match")) {
        into.pattern = value;
        if (value.size() <= limits::pattern_bytes) return true;
        asked.refuse("ERR pattern is too long");
    } else if (is_word(name, "type")) {
        const auto* found = std::ranges::find_if(
            holding_names, [value](std::string_view each) { return is_word(value, each); });
        into.is_of_any = false;
        if (found != holding_names.end()) into.as = holding(found - holding_names.begin());
        return true;
    } else if (is_word(name, "count")) {
        const auto count = number_of(value);
        if (count && *count >= 1) {
            into.count = std::size_t(std::min(*count, scanned_max));
            return true;
        }
        if (count)
            asked.refuse_syntax();
        else
            asked.refuse_number();
    } else {
        asked.refuse_syntax();
    }
    return false;
}

}  // namespace

bool read_scan_options(call& asked, std::size_t at, scan_options& into) {
    for (; at < asked.size(); at += 2) {
        if (at + 1 == asked.size()) {
            asked.refuse_syntax();
            return false;
        }
        if (!read_option(asked, asked[at], asked[at + 1], into)) return false;
    }
    return true;
}

task<bool> matches_in_turns(call& asked, std::string_view pattern, std::string_view name) {
    glob_match match(pattern, name);
    while (!match.go(matched_at_once)) co_await asked.from.breathe();
    co_await asked.from.breathe();
    co_return match.has_matched();
}

}  // namespace hawser::sessions::resp
