// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "sessions/deadline.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"

/// Values as a whole: what most session libraries live by.
namespace hawser::sessions::resp {

namespace {

using kind = store::expectation::kind;
using store::record;

/// What the options of SET and GETEX say.
struct options {
    bool has_deadline = false;
    steady_time expires = no_deadline;
    bool keeps_deadline = false;
    bool persists = false;
    bool returns_former = false;
    kind on = kind::any;
};

enum class reading : std::uint8_t { fine, syntax, number, time };

/// A unit of time as a word of SET: `EX`, `PX`, `EXAT`, `PXAT`.
struct unit {
    std::string_view word;
    std::int64_t milliseconds;
    bool is_absolute;
};
constexpr unit units[] = {
    {"ex", 1000, false}, {"px", 1, false}, {"exat", 1000, true}, {"pxat", 1, true}};

reading read_deadline(const unit& as, std::string_view text, const instant& now, options& into) {
    const auto number = number_of(text);
    if (!number) return reading::number;
    if (*number <= 0 || *number > std::numeric_limits<std::int64_t>::max() / as.milliseconds)
        return reading::time;
    const std::int64_t milliseconds = *number * as.milliseconds;
    into.has_deadline = true;
    into.expires = as.is_absolute ? deadline_at(now, milliseconds) : deadline_in(now, milliseconds);
    return reading::fine;
}

/// Reads the options from `at` on; a word that is not among them, or two that exclude each other,
/// are wrong syntax.
reading read_options(call& asked, std::size_t at, const instant& now, options& into) {
    for (; at < asked.size(); ++at) {
        const auto word = asked[at];
        const auto* as = std::ranges::find_if(
            units, [word](const unit& one) { return is_word(word, one.word); });
        const bool is_timed = into.has_deadline || into.keeps_deadline || into.persists;
        if (as != std::end(units)) {
            if (is_timed || ++at == asked.size()) return reading::syntax;
            if (const auto read = read_deadline(*as, asked[at], now, into); read != reading::fine)
                return read;
        } else if (is_word(word, "keepttl") && !is_timed) {
            into.keeps_deadline = true;
        } else if (is_word(word, "persist") && !is_timed) {
            into.persists = true;
        } else if (is_word(word, "get")) {
            into.returns_former = true;
        } else if (is_word(word, "nx") && into.on != kind::present) {
            into.on = kind::absent;
        } else if (is_word(word, "xx") && into.on != kind::absent) {
            into.on = kind::present;
        } else {
            return reading::syntax;
        }
    }
    return reading::fine;
}

/// Answers what is wrong with the options; false: nothing.
bool refuse(call& asked, reading read, std::string_view command) {
    switch (read) {
        case reading::fine: return false;
        case reading::syntax: asked.refuse_syntax(); break;
        case reading::number: asked.refuse_number(); break;
        case reading::time:
            asked.refuse("ERR invalid expire time in '" + std::string(command) + "' command");
            break;
    }
    return true;
}

void refuse_as_changed(call& asked) {
    asked.refuse("CONFLICT the session has been changed since it was read");
}

/// A save that came after the end looks kept to who sends it, and is counted.
void answer(call& asked, const result<saved>& done) {
    if (!done) return asked.refuse(done.error());
    if (*done == saved::rejected) return refuse_as_changed(asked);
    if (*done == saved::differs) return asked.out.null();
    asked.out.ok();
}

bool is_string(const record& one) { return holding_of(one.flags) == holding::string; }

void answer(call& asked, const std::optional<record>& found) {
    if (!found)
        asked.out.null();
    else if (is_string(*found))
        asked.out.bulk(found->data);
    else
        asked.refuse_kind();
}

/// The same of a save that is made already, and leaves once it is settled. False: it is not made.
bool answer_at_once(call& asked, const std::optional<result<saved>>& done) {
    if (!done) return false;
    const std::size_t begin = asked.out.bytes().size();
    answer(asked, *done);
    asked.hold(begin);
    return true;
}

/// SET with GET answers what was there before, whether it has kept anything or not.
task<> set_and_tell(call& asked, save what) {
    std::optional<record> former;
    const auto there = co_await asked.records().look(asked[1]);
    if (!there) co_return asked.refuse(there.error());
    asked.note_read(*there);
    if (*there && !is_string(**there)) co_return asked.refuse_kind();
    const auto done = co_await asked.records().write(asked[1], std::move(what), &former);
    if (!done) co_return asked.refuse(done.error());
    if (*done == saved::rejected) co_return refuse_as_changed(asked);
    answer(asked, former);
}

task<> set_until(call& asked, const unit& as, std::string_view name) {
    options by;
    const auto read = read_deadline(as, asked[2], asked.from.at().now(), by);
    if (refuse(asked, read, name)) co_return;
    save what{.data = std::string(asked[3]), .expires = by.expires};
    const auto done = co_await asked.records().write(asked[1], std::move(what));
    answer(asked, done);
}

bool set_until_at_once(call& asked, const unit& as) {
    options by;
    const auto read = read_deadline(as, asked[2], asked.from.at().now(), by);
    if (read != reading::fine) return false;
    return answer_at_once(asked, asked.records().write_now(asked[1], asked[3], by.expires));
}

task<> add(call& asked, std::int64_t more, bool only_present = false) {
    std::optional<std::int64_t> sum;
    bool overflows = false;
    bool is_other = false;
    bool is_missing = false;
    const client::decision decide = [&](const record* present) -> std::optional<save> {
        is_other = present != nullptr && !is_string(*present);
        is_missing = present == nullptr && only_present;
        if (present != nullptr) asked.from.note_work(present->data.size());
        if (is_other || is_missing) return std::nullopt;
        sum = number_of(present != nullptr ? std::string_view(present->data) : "0");
        overflows = sum && __builtin_add_overflow(*sum, more, &*sum);
        if (!sum || overflows) return std::nullopt;
        return save{.data = std::to_string(*sum),
                    .expires = present != nullptr ? present->life.expires : no_deadline,
                    .told = events::incrby};
    };
    const auto done = co_await asked.records().change(asked[1], decide);
    if (!done) co_return asked.refuse(done.error());
    if (is_other) co_return asked.refuse_kind();
    if (is_missing) co_return asked.out.null();
    if (!sum) co_return asked.refuse_number();
    if (overflows) co_return asked.refuse("ERR increment or decrement would overflow");
    asked.out.number(*sum);
}

}  // namespace

bool get_at_once(call& asked) {
    const auto tell = [&](const store::record_view* there) {
        if (there == nullptr)
            asked.out.null();
        else if (holding_of(there->flags) == holding::string)
            asked.out.bulk(there->data);
        else
            asked.refuse_kind();
    };
    const auto done = asked.records().read_now(asked[1], std::ref(tell));
    if (!done) return false;
    if (!*done) asked.refuse(done->error());
    return true;
}

bool set_at_once(call& asked) {
    options by;
    const auto read = read_options(asked, 3, asked.from.at().now(), by);
    const bool is_plain = !by.persists && !by.keeps_deadline && !by.returns_former;
    if (read != reading::fine || !is_plain || by.on != kind::any) return false;
    return answer_at_once(asked, asked.records().write_now(asked[1], asked[2], by.expires));
}

bool setex_at_once(call& asked) { return set_until_at_once(asked, units[0]); }

bool psetex_at_once(call& asked) { return set_until_at_once(asked, units[1]); }

task<> serve_get(call& asked) {
    const auto found = co_await asked.records().read(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    answer(asked, *found);
}

task<> serve_set(call& asked) {
    options by;
    auto read = read_options(asked, 3, asked.from.at().now(), by);
    if (by.persists) read = reading::syntax;
    if (refuse(asked, read, "set")) co_return;
    save what{.data = std::string(asked[2]),
              .expires = by.expires,
              .on = by.on,
              .keeps_deadline = by.keeps_deadline};
    if (by.returns_former) co_return co_await set_and_tell(asked, std::move(what));
    const auto done = co_await asked.records().write(asked[1], std::move(what));
    answer(asked, done);
}

task<> serve_setex(call& asked) { co_await set_until(asked, units[0], "setex"); }

task<> serve_psetex(call& asked) { co_await set_until(asked, units[1], "psetex"); }

task<> serve_setnx(call& asked) {
    save what{.data = std::string(asked[2]), .on = kind::absent};
    const auto done = co_await asked.records().write(asked[1], std::move(what));
    if (!done) co_return asked.refuse(done.error());
    asked.out.number(*done == saved::kept ? 1 : 0);
}

task<> serve_getex(call& asked) {
    options by;
    auto read = read_options(asked, 2, asked.from.at().now(), by);
    if (by.keeps_deadline || by.returns_former || by.on != kind::any) read = reading::syntax;
    if (refuse(asked, read, "getex")) co_return;
    const auto found = co_await asked.records().read(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    if (*found && is_string(**found) && by.has_deadline &&
        by.expires <= asked.from.at().now().steady) {
        const auto ended = co_await asked.records().end(asked[1]);
        if (!ended) co_return asked.refuse(ended.error());
    } else if (*found && is_string(**found) && (by.has_deadline || by.persists)) {
        const auto when =
            by.persists ? store::touching::when::with_deadline : store::touching::when::always;
        const auto done =
            co_await asked.records().touch(asked[1], {.expires = by.expires, .condition = when});
        if (!done) co_return asked.refuse(done.error());
    }
    answer(asked, *found);
}

task<> serve_getdel(call& asked) {
    const auto found = co_await asked.records().take(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    answer(asked, *found);
}

/// Sessions are listed by it, not worked with: it keeps none alive, and no save is based on it.
task<> serve_mget(call& asked) {
    asked.out.array(asked.size() - 1);
    for (const auto name : asked.arguments.subspan(1)) {
        const auto found = co_await asked.records().look(name);
        if (!found)
            asked.refuse(found.error());
        else if (asked.note_read(*found); *found && is_string(**found))
            asked.out.bulk((*found)->data);
        else
            asked.out.null();
        co_await asked.from.breathe();
    }
}

task<> serve_mset(call& asked) {
    if (asked.size() % 2 == 0)
        co_return asked.refuse("ERR wrong number of arguments for 'mset' command");
    for (std::size_t at = 1; at < asked.size(); at += 2) {
        save what{.data = std::string(asked[at + 1])};
        asked.from.note_work(what.data.size());
        const auto done = co_await asked.records().write(asked[at], std::move(what));
        if (!done) co_return asked.refuse(done.error());
        if (*done == saved::rejected) co_return refuse_as_changed(asked);
        co_await asked.from.breathe();
    }
    asked.out.ok();
}

task<> serve_append(call& asked) {
    std::size_t size = 0;
    bool is_other = false;
    const client::decision decide = [&](const record* present) -> std::optional<save> {
        is_other = present != nullptr && !is_string(*present);
        if (is_other) return std::nullopt;
        save next{.data = std::string(asked[2]), .told = events::append};
        if (present != nullptr) {
            next.data = present->data + next.data;
            next.expires = present->life.expires;
        }
        size = next.data.size();
        asked.from.note_work(2 * size);
        return next;
    };
    const auto done = co_await asked.records().change(asked[1], decide);
    if (!done) co_return asked.refuse(done.error());
    if (is_other) co_return asked.refuse_kind();
    asked.out.number(std::int64_t(size));
}

task<> serve_strlen(call& asked) {
    const auto found = co_await asked.records().look(asked[1]);
    if (!found) co_return asked.refuse(found.error());
    asked.note_read(*found);
    if (*found && !is_string(**found)) co_return asked.refuse_kind();
    asked.out.number(*found ? std::int64_t((*found)->data.size()) : 0);
}

task<> serve_incr(call& asked) { co_await add(asked, 1); }

task<> serve_decr(call& asked) { co_await add(asked, -1); }

task<> serve_incrby(call& asked) {
    const auto more = number_of(asked[2]);
    if (!more) co_return asked.refuse_number();
    co_await add(asked, *more);
}

task<> serve_incrby_present(call& asked) {
    const auto more = number_of(asked[2]);
    if (!more) co_return asked.refuse_number();
    co_await add(asked, *more, true);
}

task<> serve_decrby(call& asked) {
    const auto less = number_of(asked[2]);
    if (!less || *less == std::numeric_limits<std::int64_t>::min()) co_return asked.refuse_number();
    co_await add(asked, -*less);
}

}  // namespace hawser::sessions::resp
