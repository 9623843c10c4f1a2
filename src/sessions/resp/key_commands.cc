// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sessions/deadline.h"
#include "sessions/glob.h"
#include "sessions/limits.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"

/// Records by their names: whether they are there, until when, and which there are.
namespace hawser::sessions::resp {

namespace {

using when = store::touching::when;

constexpr std::size_t scanned_by_default = 10;
constexpr std::int64_t scanned_max = 1000;
constexpr std::size_t matched_at_once = 1024;  ///< bytes of a pattern, between two breaths

/// The condition that EXPIRE may have as its last words; nothing: it has been answered that what
/// stands there is none.
std::optional<when> condition_of(call& asked) {
    bool nx = false;
    bool xx = false;
    bool gt = false;
    bool lt = false;
    for (const auto word : asked.arguments.subspan(3)) {
        bool* const said = is_word(word, "nx")   ? &nx
                           : is_word(word, "xx") ? &xx
                           : is_word(word, "gt") ? &gt
                           : is_word(word, "lt") ? &lt
                                                 : nullptr;
        if (said == nullptr) {
            asked.refuse("ERR Unsupported option " + shown_word(word));
            return std::nullopt;
        }
        *said = true;
    }
    if (nx && (xx || gt || lt)) {
        asked.refuse("ERR NX and XX, GT or LT options at the same time are not compatible");
        return std::nullopt;
    }
    if (gt && lt) {
        asked.refuse("ERR GT and LT options at the same time are not compatible");
        return std::nullopt;
    }
    if (nx) return when::without_deadline;
    if (gt) return when::if_later;  // than none nothing is
    if (lt) return xx ? when::with_later_deadline : when::if_earlier;
    return xx ? when::with_deadline : when::always;
}

task<> touch(call& asked, store::touching how) {
    const auto held = co_await asked.records().touch(asked[1], how);
    if (!held) co_return asked.refuse(held.error());
    asked.out.number(held->changed ? 1 : 0);
}

task<> expire(call& asked, std::int64_t unit, bool is_absolute, std::string_view name) {
    const auto condition = condition_of(asked);
    if (!condition) co_return;
    const auto number = number_of(asked[2]);
    if (!number) co_return asked.refuse_number();
    const std::int64_t most = std::numeric_limits<std::int64_t>::max() / unit;
    if (*number > most || *number < -most)
        co_return asked.refuse("ERR invalid expire time in '" + std::string(name) + "' command");
    const instant now = asked.from.at().now();
    const std::int64_t span = *number * unit;
    const steady_time end = is_absolute ? deadline_at(now, span) : deadline_in(now, span);
    // A time that has passed ends the record (R4.2).
    if (end <= now.steady && *condition == when::always) {
        const auto ended = co_await asked.records().end(asked[1]);
        if (!ended) co_return asked.refuse(ended.error());
        co_return asked.out.number(*ended ? 1 : 0);
    }
    co_await touch(asked, {.expires = end, .condition = *condition});
}

/// Answers when the record ends, in units of so many milliseconds; -1: never, -2: nobody is there.
task<> tell_end(call& asked, std::int64_t unit, bool is_absolute) {
    const auto found = co_await asked.records().look(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    if (!*found) co_return asked.out.number(-2);
    const steady_time end = (*found)->ends();
    if (end == no_deadline) co_return asked.out.number(-1);
    const instant now = asked.from.at().now();
    const std::int64_t told =
        left_until(end, now) + (is_absolute ? now.wall.time_since_epoch().count() : 0);
    asked.out.number((told + unit / 2) / unit);
}

/// How many of the names have a record, each counted as often as it is named.
task<> count_present(call& asked, bool sees) {
    std::int64_t count = 0;
    for (const auto name : asked.arguments.subspan(1)) {
        const auto found = co_await asked.records().look(name, sees);
        if (!found) co_return asked.refuse(found.error());
        if (*found) ++count;
        co_await asked.from.breathe();
    }
    asked.out.number(count);
}

struct scan_options {
    std::string_view pattern = "*";
    std::size_t count = scanned_by_default;
    bool is_of_strings = true;
};

/// False: it has been answered what is wrong with them.
bool read_options(call& asked, scan_options& into) {
    for (std::size_t at = 2; at < asked.size(); at += 2) {
        if (at + 1 == asked.size()) {
            asked.refuse_syntax();
            return false;
        }
        if (is_word(asked[at], "match")) {
            into.pattern = asked[at + 1];
            if (into.pattern.size() > limits::pattern_bytes) {
                asked.refuse("ERR pattern is too long");
                return false;
            }
        } else if (is_word(asked[at], "type")) {
            into.is_of_strings = is_word(asked[at + 1], "string");
        } else if (is_word(asked[at], "count")) {
            const auto count = number_of(asked[at + 1]);
            if (!count) {
                asked.refuse_number();
                return false;
            }
            if (*count < 1) {
                asked.refuse_syntax();
                return false;
            }
            into.count = std::size_t(std::min(*count, scanned_max));
        } else {
            asked.refuse_syntax();
            return false;
        }
    }
    return true;
}

/// Both are somebody else's choice, and cost the product of their lengths: others have their turn.
task<bool> matches_in_turns(call& asked, std::string_view pattern, std::string_view name) {
    glob_match match(pattern, name);
    while (!match.go(matched_at_once)) co_await asked.from.breathe();
    co_await asked.from.breathe();
    co_return match.has_matched();
}

}  // namespace

task<> serve_del(call& asked) {
    std::int64_t count = 0;
    for (const auto name : asked.arguments.subspan(1)) {
        const auto ended = co_await asked.records().end(name);
        if (!ended) co_return asked.refuse(ended.error());
        if (*ended) ++count;
        co_await asked.from.breathe();
    }
    asked.out.number(count);
}

task<> serve_exists(call& asked) { co_await count_present(asked, false); }

task<> serve_touch(call& asked) { co_await count_present(asked, true); }

task<> serve_type(call& asked) {
    const auto found = co_await asked.records().look(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    asked.out.status(*found ? "string" : "none");
}

task<> serve_expire(call& asked) { co_await expire(asked, 1000, false, "expire"); }

task<> serve_pexpire(call& asked) { co_await expire(asked, 1, false, "pexpire"); }

task<> serve_expireat(call& asked) { co_await expire(asked, 1000, true, "expireat"); }

task<> serve_pexpireat(call& asked) { co_await expire(asked, 1, true, "pexpireat"); }

task<> serve_ttl(call& asked) { co_await tell_end(asked, 1000, false); }

task<> serve_pttl(call& asked) { co_await tell_end(asked, 1, false); }

task<> serve_expiretime(call& asked) { co_await tell_end(asked, 1000, true); }

task<> serve_pexpiretime(call& asked) { co_await tell_end(asked, 1, true); }

task<> serve_persist(call& asked) {
    co_await touch(asked, {.expires = no_deadline, .condition = when::with_deadline});
}

task<> serve_scan(call& asked) {
    const auto from = number_of(asked[1]);
    if (!from || *from < 0) co_return asked.refuse("ERR invalid cursor");
    scan_options by;
    if (!read_options(asked, by)) co_return;
    auto page = co_await asked.records().scan(store::cursor{std::uint64_t(*from)}, by.count);
    if (!page) co_return asked.refuse(page.error());
    std::vector<std::string_view> found;
    for (const auto& each : page->found) {
        if (by.is_of_strings && co_await matches_in_turns(asked, by.pattern, each.name))
            found.push_back(each.name);
    }
    asked.out.array(2);
    asked.out.bulk(std::to_string(std::uint64_t(page->next)));
    asked.out.array(found.size());
    for (const auto name : found) asked.out.bulk(name);
}

task<> serve_dbsize(call& asked) {
    asked.out.number(std::int64_t(asked.records().in().space.held.records()));
    co_return;
}

}  // namespace hawser::sessions::resp
