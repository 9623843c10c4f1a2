// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sessions/deadline.h"
#include "sessions/limits.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"
#include "sessions/resp/scan.h"

/// Records by their names: whether they are there, until when, and which there are.
namespace hawser::sessions::resp {

namespace {

using when = store::touching::when;

constexpr std::size_t listed_at_once = 256;

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

/// Answers a touch that can be made at once. False: it has to be awaited.
bool touch_at_once(call& asked, const store::touching& how) {
    const std::size_t begin = asked.out.bytes().size();
    const auto done = asked.records().touch_now(asked[1], how);
    if (!done) return false;
    if (!*done)
        asked.refuse(done->error());
    else
        asked.out.number((*done)->changed ? 1 : 0);
    asked.hold(begin);
    return true;
}

task<> touch(call& asked, store::touching how) {
    const auto held = co_await asked.records().touch(asked[1], how);
    if (!held) co_return asked.refuse(held.error());
    asked.out.number(held->changed ? 1 : 0);
}

/// A unit of time, in milliseconds, as a command of that name has it.
struct unit {
    std::string_view command;
    std::int64_t milliseconds;
    bool is_absolute;
};
constexpr unit units[] = {{"expire", 1000, false},
                          {"pexpire", 1, false},
                          {"expireat", 1000, true},
                          {"pexpireat", 1, true}};

/// Nothing: it has been answered what is wrong.
std::optional<store::touching> read_touching(call& asked, const unit& by) {
    const auto condition = condition_of(asked);
    if (!condition) return std::nullopt;
    const auto number = number_of(asked[2]);
    if (!number) {
        asked.refuse_number();
        return std::nullopt;
    }
    const std::int64_t most = std::numeric_limits<std::int64_t>::max() / by.milliseconds;
    if (*number > most || *number < -most) {
        asked.refuse("ERR invalid expire time in '" + std::string(by.command) + "' command");
        return std::nullopt;
    }
    const instant now = asked.from.at().now();
    const std::int64_t span = *number * by.milliseconds;
    return store::touching{
        .expires = by.is_absolute ? deadline_at(now, span) : deadline_in(now, span),
        .condition = *condition};
}

/// A time that has passed ends the record (R4.2).
bool is_end(call& asked, const store::touching& how) {
    return how.expires <= asked.from.at().now().steady;
}

bool expire_at_once(call& asked, const unit& by) {
    const auto how = read_touching(asked, by);
    if (!how) return true;
    return !is_end(asked, *how) && touch_at_once(asked, *how);
}

task<> expire(call& asked, const unit& by) {
    const auto how = read_touching(asked, by);
    if (!how) co_return;
    if (!is_end(asked, *how)) co_return co_await touch(asked, *how);
    if (how->condition != when::always) {
        const auto found = co_await asked.records().look(asked[1]);
        if (!found) co_return asked.refuse(found.error());
        if (!*found || !how->holds((*found)->life.expires)) co_return asked.out.number(0);
    }
    const auto ended = co_await asked.records().end(asked[1]);
    if (!ended) co_return asked.refuse(ended.error());
    asked.out.number(*ended ? 1 : 0);
}

constexpr store::touching persisting = {.condition = when::with_deadline};

/// Answers when the record ends, in units of so many milliseconds; -1: never, -2: nobody is there.
task<> tell_end(call& asked, std::int64_t unit, bool is_absolute) {
    const auto found = co_await asked.records().look(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    asked.note_read(*found);
    if (!*found) co_return asked.out.number(-2);
    const steady_time end = (*found)->ends();
    if (end == no_deadline) co_return asked.out.number(-1);
    const instant now = asked.from.at().now();
    const std::int64_t told =
        left_until(end, now) + (is_absolute ? now.wall.time_since_epoch().count() : 0);
    asked.out.number((told + unit / 2) / unit);
}

/// Puts what is at the first name under the second one.
task<result<client::renamed>> copy(call& asked, bool replaces, bool ends) {
    asked.from.note_work(limits::written_at_once);  // how much it was is not told
    return asked.records().copy(asked[1], asked[2], replaces, ends);
}

/// How many of the names have a record, each counted as often as it is named.
task<> count_present(call& asked, bool sees) {
    std::int64_t count = 0;
    for (const auto name : asked.arguments.subspan(1)) {
        const auto found = co_await asked.records().look(name, sees);
        if (!found) co_return asked.refuse(found.error());
        asked.note_read(*found);
        if (*found) ++count;
        co_await asked.from.breathe();
    }
    asked.out.number(count);
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

/// In two steps: for a moment it is there under both names, never under none.
task<> serve_rename(call& asked) {
    const auto done = co_await copy(asked, true, true);
    if (!done) co_return asked.refuse(done.error());
    if (*done == client::renamed::absent) co_return asked.refuse("ERR no such key");
    asked.out.ok();
}

task<> serve_renamenx(call& asked) {
    const auto done = co_await copy(asked, false, true);
    if (!done) co_return asked.refuse(done.error());
    if (*done == client::renamed::absent) co_return asked.refuse("ERR no such key");
    asked.out.number(*done == client::renamed::done ? 1 : 0);
}

task<> serve_copy(call& asked) {
    bool replaces = false;
    for (std::size_t at = 3; at < asked.size(); ++at) {
        if (is_word(asked[at], "replace")) {
            replaces = true;
        } else if (is_word(asked[at], "db") && at + 1 < asked.size()) {
            if (asked[++at] != "0") co_return asked.refuse("ERR DB index is out of range");
        } else {
            co_return asked.refuse_syntax();
        }
    }
    if (asked[1] == asked[2])
        co_return asked.refuse("ERR source and destination objects are the same");
    const auto done = co_await copy(asked, replaces, false);
    if (!done) co_return asked.refuse(done.error());
    asked.out.number(*done == client::renamed::done ? 1 : 0);
}

task<> serve_exists(call& asked) { co_await count_present(asked, false); }

task<> serve_touch(call& asked) { co_await count_present(asked, true); }

task<> serve_type(call& asked) {
    const auto found = co_await asked.records().look(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    asked.note_read(*found);
    asked.out.status(*found ? name_of(holding_of((*found)->flags)) : "none");
}

bool expire_at_once(call& asked) { return expire_at_once(asked, units[0]); }

bool pexpire_at_once(call& asked) { return expire_at_once(asked, units[1]); }

bool expireat_at_once(call& asked) { return expire_at_once(asked, units[2]); }

bool pexpireat_at_once(call& asked) { return expire_at_once(asked, units[3]); }

bool persist_at_once(call& asked) { return touch_at_once(asked, persisting); }

task<> serve_expire(call& asked) { co_await expire(asked, units[0]); }

task<> serve_pexpire(call& asked) { co_await expire(asked, units[1]); }

task<> serve_expireat(call& asked) { co_await expire(asked, units[2]); }

task<> serve_pexpireat(call& asked) { co_await expire(asked, units[3]); }

task<> serve_ttl(call& asked) { co_await tell_end(asked, 1000, false); }

task<> serve_pttl(call& asked) { co_await tell_end(asked, 1, false); }

task<> serve_expiretime(call& asked) { co_await tell_end(asked, 1000, true); }

task<> serve_pexpiretime(call& asked) { co_await tell_end(asked, 1, true); }

task<> serve_persist(call& asked) { co_await touch(asked, persisting); }

task<> serve_scan(call& asked) {
    const auto from = number_of(asked[1]);
    if (!from || *from < 0) co_return asked.refuse("ERR invalid cursor");
    scan_options by;
    if (!read_scan_options(asked, 2, by)) co_return;
    auto page = co_await asked.records().scan(store::cursor{std::uint64_t(*from)}, by.count);
    if (!page) co_return asked.refuse(page.error());
    std::vector<std::string_view> found;
    for (const auto& each : page->found) {
        const bool is_wanted = by.is_of_any || holding_of(each.flags) == by.as;
        if (is_wanted && co_await matches_in_turns(asked, by.pattern, each.name))
            found.push_back(each.name);
    }
    asked.out.array(2);
    asked.out.bulk(std::to_string(std::uint64_t(page->next)));
    asked.out.array(found.size());
    for (const auto name : found) asked.out.bulk(name);
}

/// All at once, where those are not too many; others have their turn while they are looked for.
task<> serve_keys(call& asked) {
    if (asked[1].size() > limits::pattern_bytes) co_return asked.refuse("ERR pattern is too long");
    std::vector<std::string> found;
    std::size_t bytes = 0;
    store::cursor from{};
    do {
        auto page = co_await asked.records().scan(from, listed_at_once);
        if (!page) co_return asked.refuse(page.error());
        for (auto& each : page->found) {
            if (!co_await matches_in_turns(asked, asked[1], each.name)) continue;
            bytes += each.name.size();
            found.push_back(std::move(each.name));
        }
        if (found.size() > limits::keys_listed)
            co_return asked.refuse("ERR more than " + std::to_string(limits::keys_listed) +
                                   " keys match: SCAN tells them in pages");
        if (bytes > limits::keys_listed_bytes)
            co_return asked.refuse("ERR more than " +
                                   std::to_string(limits::keys_listed_bytes / (1024 * 1024)) +
                                   " MiB of keys match: SCAN tells them in pages");
        from = page->next;
    } while (from != store::cursor{});
    asked.out.array(found.size());
    for (const auto& name : found) {
        asked.out.bulk(name);
        co_await asked.from.breathe();
    }
}

task<> serve_dbsize(call& asked) {
    asked.out.number(std::int64_t(asked.records().in().space.held.records()));
    co_return;
}

}  // namespace hawser::sessions::resp
