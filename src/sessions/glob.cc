// SPDX-License-Identifier: Apache-2.0
#include "sessions/glob.h"

#include <algorithm>
#include <cstddef>

namespace hawser::sessions {

namespace {

/// Whether the set that begins at `pattern[at]` has `c`; `at` moves behind it. A set without an end
/// ends with the pattern.
bool is_in_set(std::string_view pattern, std::size_t& at, char c) {
    ++at;
    const bool is_negated = at < pattern.size() && pattern[at] == '^';
    if (is_negated) ++at;
    bool has = false;
    while (at < pattern.size() && pattern[at] != ']') {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            has |= pattern[at + 1] == c;
            at += 2;
        } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
            const auto [low, high] = std::minmax({static_cast<unsigned char>(pattern[at]),
                                                  static_cast<unsigned char>(pattern[at + 2])});
            has |= static_cast<unsigned char>(c) >= low && static_cast<unsigned char>(c) <= high;
            at += 3;
        } else {
            has |= pattern[at++] == c;
        }
    }
    if (at < pattern.size()) ++at;
    return has != is_negated;
}

/// Whether one step of the pattern, other than `*`, takes `c`; `at` moves behind the step.
bool takes(std::string_view pattern, std::size_t& at, char c) {
    if (pattern[at] == '?') {
        ++at;
        return true;
    }
    if (pattern[at] == '[') return is_in_set(pattern, at, c);
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    return pattern[at++] == c;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
    glob_match match(pattern, text);
    while (!match.go(std::string_view::npos)) {
    }
    return match.has_matched();
}

bool glob_match::go(std::size_t steps) {
    for (std::size_t done = 0; here_ < text_.size(); ++done) {
        if (done >= steps) return false;
        if (at_ < pattern_.size() && pattern_[at_] == '*') {
            star_ = ++at_;
            taken_ = here_;
            continue;
        }
        const std::size_t before = at_;
        if (at_ < pattern_.size() && takes(pattern_, at_, text_[here_])) {
            done += at_ - before;
            ++here_;
            continue;
        }
        done += at_ - before;
        if (star_ == none) return true;
        at_ = star_;
        here_ = ++taken_;
    }
    while (at_ < pattern_.size() && pattern_[at_] == '*') ++at_;
    has_matched_ = at_ == pattern_.size();
    return true;
}

name_patterns::name_patterns(const std::vector<std::string>& all) {
    constexpr std::string_view special = "*?[\\";
    for (const std::string_view each : all) {
        const std::size_t first = each.find_first_of(special);
        if (first == std::string_view::npos)
            forms_.push_back({.is = form::kind::whole, .text = std::string(each)});
        else if (first + 1 == each.size() && each[first] == '*')
            forms_.push_back(
                {.is = form::kind::beginning, .text = std::string(each.substr(0, first))});
        else if (each.front() == '*' && each.find_first_of(special, 1) == std::string_view::npos)
            forms_.push_back({.is = form::kind::end, .text = std::string(each.substr(1))});
        else
            forms_.push_back({.is = form::kind::any, .text = std::string(each)});
    }
}

bool name_patterns::match(std::string_view name) const {
    return std::ranges::any_of(forms_, [name](const form& one) {
        switch (one.is) {
            case form::kind::whole: return name == one.text;
            case form::kind::beginning: return name.starts_with(one.text);
            case form::kind::end: return name.ends_with(one.text);
            case form::kind::any: break;
        }
        return matches(one.text, name);
    });
}

}  // namespace hawser::sessions
