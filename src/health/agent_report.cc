// SPDX-License-Identifier: Apache-2.0
#include "health/agent_report.h"

#include <algorithm>
#include <string>

namespace hawser::health {

namespace {

constexpr std::string_view between = " \t,";

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
}

/// False if something else was said already.
template <typename Value>
bool say(std::optional<Value>& said, Value value) {
    if (said && *said != value) return false;
    said = value;
    return true;
}

bool take_word(std::string_view word, agent_report& into) {
    using upstream::admin_state;
    if (word.ends_with('%')) {
        const auto percent = read_percent(word);
        return percent && say(into.percent, *percent);
    }
    if (word == "up") return say(into.is_fit, true);
    if (word == "down" || word == "fail" || word == "stopped") return say(into.is_fit, false);
    if (word == "ready") return say(into.wish, admin_state::ready);
    if (word == "drain") return say(into.wish, admin_state::drain);
    if (word == "maint") return say(into.wish, admin_state::maintenance);
    return false;
}

}  // namespace

std::optional<unsigned> read_percent(std::string_view text) noexcept {
    if (text.ends_with('%')) text.remove_suffix(1);
    if (text.empty() || text.size() > 3) return std::nullopt;
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + unsigned(c - '0');
    }
    if (value > 100) return std::nullopt;
    return value;
}

result<agent_report> read_agent_report(std::string_view line) {
    const auto refuse = [](std::string why) { return fail(errc::malformed, std::move(why)); };
    if (!is_printable(line)) return refuse("a report holds bytes that are no text");
    auto words = line.substr(0, line.find('#'));
    agent_report made;
    bool has_words = false;
    for (;;) {
        words.remove_prefix(std::min(words.find_first_not_of(between), words.size()));
        if (words.empty()) break;
        const auto word = words.substr(0, words.find_first_of(between));
        words.remove_prefix(word.size());
        if (!take_word(word, made))
            return refuse("`" + std::string(word) + "` is no word of a report here");
        has_words = true;
    }
    if (!has_words) return refuse("a report without a word");
    return made;
}

}  // namespace hawser::health
