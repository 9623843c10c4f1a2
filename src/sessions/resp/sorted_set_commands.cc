// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>
#include <span>
#include <string>
#include <utility>

#include "sessions/limits.h"
#include "sessions/resp/container_commands.h"
#include "sessions/sorted_set.h"

/// Sorted sets, by which libraries know what ends when (R3.4).
namespace hawser::sessions::resp {

namespace {

struct zadd_options {
    score_rule by;
    bool counts_changed = false;
    std::size_t end = 2;  ///< behind them
};

/// Nothing: it has been answered what is wrong with them.
std::optional<zadd_options> read_zadd(call& asked) {
    zadd_options made;
    for (; made.end < asked.size(); ++made.end) {
        const auto word = asked[made.end];
        bool* const said = is_word(word, "nx")   ? &made.by.only_new
                           : is_word(word, "xx") ? &made.by.only_present
                           : is_word(word, "gt") ? &made.by.only_greater
                           : is_word(word, "lt") ? &made.by.only_less
                           : is_word(word, "ch") ? &made.counts_changed
                                                 : nullptr;
        if (said == nullptr) break;
        *said = true;
    }
    const auto& by = made.by;
    if (by.only_new && by.only_present)
        asked.refuse("ERR XX and NX options at the same time are not compatible");
    else if ((by.only_greater && by.only_less) ||
             (by.only_new && (by.only_greater || by.only_less)))
        asked.refuse("ERR GT, LT, and/or NX options at the same time are not compatible");
    else
        return made;
    return std::nullopt;
}

std::optional<std::vector<scored>> read_scored(call& asked, std::size_t at) {
    const auto given = asked.arguments.subspan(at);
    std::vector<scored> all;
    if (given.empty() || given.size() % 2 != 0 ||
        given.size() / 2 > limits::container_fields_changed) {
        asked.refuse_syntax();
        return std::nullopt;
    }
    for (std::size_t i = 0; i < given.size(); i += 2) {
        const auto score = score_of(given[i]);
        if (!score) {
            asked.refuse("ERR value is not a valid float");
            return std::nullopt;
        }
        all.push_back({.score = *score, .name = given[i + 1]});
    }
    return all;
}

/// An end of a range: a score, and whether it is outside of it (`(5`).
std::optional<double> read_bound(std::string_view text, bool& is_outside) {
    is_outside = text.starts_with('(');
    return score_of(is_outside ? text.substr(1) : text);
}

/// Nothing: it has been answered that it is none.
std::optional<score_range> read_range(call& asked, std::string_view from, std::string_view to) {
    score_range made;
    const auto least = read_bound(from, made.without_from);
    const auto most = read_bound(to, made.without_to);
    if (!least || !most) {
        asked.refuse("ERR min or max is not a float");
        return std::nullopt;
    }
    made.from = *least;
    made.to = *most;
    return made;
}

/// How the members that were found are told.
struct telling {
    bool is_reverse = false;
    bool is_by_score = false;
    bool with_scores = false;
    bool has_limit = false;
    std::int64_t skipped = 0;
    std::int64_t most = -1;  ///< negative: all
};

bool read_telling(call& asked, bool is_zrange, telling& into) {
    for (std::size_t at = 4; at < asked.size(); ++at) {
        const auto word = asked[at];
        if (is_word(word, "withscores")) {
            into.with_scores = true;
        } else if (is_word(word, "limit") && at + 2 < asked.size()) {
            const auto skipped = number_of(asked[++at]);
            const auto most = number_of(asked[++at]);
            if (!skipped || !most) {
                asked.refuse_number();
                return false;
            }
            into.has_limit = true;
            into.skipped = *skipped;
            into.most = *most;
        } else if (is_zrange && is_word(word, "rev")) {
            into.is_reverse = true;
        } else if (is_zrange && is_word(word, "byscore")) {
            into.is_by_score = true;
        } else {
            asked.refuse_syntax();
            return false;
        }
    }
    if (into.is_by_score || !into.has_limit) return true;
    asked.refuse(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return false;
}

void tell(call& asked, std::span<const scored> found, const telling& how) {
    const auto count = std::int64_t(found.size());
    const auto first = how.skipped < 0 ? count : std::min(how.skipped, count);
    const auto size = how.most < 0 ? count - first : std::min(how.most, count - first);
    const bool in_pairs = how.with_scores && asked.out.form() == store::resp::protocol::resp3;
    asked.out.array(std::size_t(size) * (how.with_scores && !in_pairs ? 2 : 1));
    for (std::int64_t i = first; i < first + size; ++i) {
        const auto& each = found[std::size_t(how.is_reverse ? count - 1 - i : i)];
        if (in_pairs) asked.out.array(2);
        asked.out.bulk(each.name);
        if (how.with_scores) asked.out.real(text_of(each.score));
    }
}

/// From the argument `least` to the argument `most`.
void tell_within(call& asked, std::string_view data, std::size_t least, std::size_t most,
                 const telling& how) {
    const auto range = read_range(asked, asked[least], asked[most]);
    if (!range) return;
    const sorted_set there(data);
    tell(asked, there.within(*range), how);
}

remade remade_of(const sorted_set& what, std::size_t number) {
    if (what.all().size() > limits::container_fields) return {.refusal = too_many_fields()};
    return {.data = what.write(), .number = std::int64_t(number)};
}

}  // namespace

std::optional<plan> plan_zadd(call& asked) {
    const auto how = read_zadd(asked);
    if (!how) return std::nullopt;
    auto given = read_scored(asked, how->end);
    if (!given) return std::nullopt;
    auto by = [given = std::move(*given), how = *how](std::string_view data) {
        sorted_set there(data);
        const auto done = there.put(given, how.by);
        return remade_of(there, done.added + (how.counts_changed ? done.changed : 0));
    };
    return plan{.by = std::move(by), .told = events::zadd};
}

std::optional<plan> plan_zrem(call& asked) {
    const auto names = asked.arguments.subspan(2);
    if (names.size() > limits::container_fields_changed) {
        asked.refuse_syntax();
        return std::nullopt;
    }
    auto by = [names](std::string_view data) {
        sorted_set there(data);
        const std::size_t gone = there.remove({names.begin(), names.end()});
        return remade_of(there, gone);
    };
    return plan{.by = std::move(by), .told = events::zrem};
}

std::optional<plan> plan_zremrangebyscore(call& asked) {
    const auto range = read_range(asked, asked[2], asked[3]);
    if (!range) return std::nullopt;
    auto by = [range = *range](std::string_view data) {
        sorted_set there(data);
        const std::size_t gone = there.remove(range);
        return remade_of(there, gone);
    };
    return plan{.by = std::move(by), .told = events::zremrangebyscore};
}

void tell_zscore(call& asked, std::string_view data) {
    if (const auto found = sorted_set(data).find(asked[2]))
        asked.out.real(text_of(*found));
    else
        asked.out.null();
}

void tell_zcard(call& asked, std::string_view data) {
    asked.out.number(std::int64_t(count_texts(data) / 2));
}

void tell_zrange(call& asked, std::string_view data) {
    telling how;
    if (!read_telling(asked, true, how)) return;
    if (how.is_by_score)
        return tell_within(asked, data, how.is_reverse ? 3 : 2, how.is_reverse ? 2 : 3, how);
    const sorted_set there(data);
    const auto wanted = places_of(asked, there.all().size());
    if (!wanted) return;
    const std::span all(there.all());
    // Places count from where the telling begins.
    const std::size_t first =
        how.is_reverse ? all.size() - wanted->first - wanted->count : wanted->first;
    tell(asked, all.subspan(first, wanted->count), how);
}

void tell_zrangebyscore(call& asked, std::string_view data) {
    telling how{.is_by_score = true};
    if (read_telling(asked, false, how)) tell_within(asked, data, 2, 3, how);
}

void tell_zrevrangebyscore(call& asked, std::string_view data) {
    telling how{.is_reverse = true, .is_by_score = true};
    if (read_telling(asked, false, how)) tell_within(asked, data, 3, 2, how);
}

}  // namespace hawser::sessions::resp
