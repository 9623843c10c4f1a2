// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <algorithm>
#include <vector>

namespace hawser::config {
namespace {

constexpr std::size_t word_max = 64;        // longer words are no typos of ours
constexpr std::size_t known_shown_max = 8;  // more would hide the message

char folded(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c == '_' ? '-' : c;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other;
/// letter case, and `_` for `-`, cost nothing.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> now(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;

    for (std::size_t i = 1; i <= left.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const char a = folded(left[i - 1]);
            const char b = folded(right[j - 1]);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a == b ? 0u : 1u)});
            const bool swapped =
                i > 1 && j > 1 && a == folded(right[j - 2]) && folded(left[i - 2]) == b;
            if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[right.size()];
}

}  // namespace

std::string_view nearest(std::string_view typed, std::span<const std::string_view> known) {
    if (typed.size() > word_max) return {};
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const auto word : known) {
        const auto steps = distance(typed, word);
        if (steps < least) {
            least = steps;
            best = word;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known) {
    if (const auto meant = nearest(typed, known); !meant.empty()) {
        return ", did you mean `" + std::string(meant) + "`?";
    }
    if (known.empty() || known.size() > known_shown_max) return {};
    return "; known: " + one_of(known);
}

std::string one_of(std::span<const std::string_view> known) {
    std::string all;
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i > 0) all += i + 1 == known.size() ? " or " : ", ";
        all += "`" + std::string(known[i]) + "`";
    }
    return all;
}

}  // namespace hawser::config
