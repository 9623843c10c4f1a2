// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "sessions/deadline.h"
#include "sessions/resp/container_commands.h"
#include "sessions/resp/door.h"

/// Scripts that are known by what they do (R5).
namespace hawser::sessions::resp {

namespace {

using digest = known_scripts::name;

constexpr std::size_t first_of_keys = 3;

std::string text_of(const digest& name) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : name) {
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

/// Forty hex digits, in any case; nothing: it is no name of a script.
std::optional<digest> digest_named(std::string_view text) {
    digest made{};
    if (text.size() != 2 * made.size()) return std::nullopt;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
        const int value = is_letter ? (c | 0x20) - 'a' + 10 : c - '0';
        made[at / 2] = std::uint8_t(made[at / 2] << 4 | value);
    }
    return made;
}

void refuse_unknown(call& asked, const digest& name) {
    asked.refuse(
        "ERR this script is none of those that are served here (docs/sessions.md); its "
        "SHA-1 is " +
        text_of(name));
}

/// What the text does, remembered by its digest; nothing: it has been refused.
std::optional<script> learn(call& asked, std::string_view text) {
    const auto name = crypto::sha1(text);
    const auto what = recognize(text);
    if (what)
        asked.from.at().shared().scripts.add(name, *what);
    else
        refuse_unknown(asked, name);
    return what;
}

/// What a script was given.
struct given {
    std::span<const std::string_view> keys;
    std::span<const std::string_view> values;
};

/// How many values such a script takes, at the least.
std::size_t values_of(script what) {
    switch (what) {
        case script::delete_if_equal:
        case script::fields_of:
        case script::add_if_present: return 1;
        case script::set_cached: return 4;
        case script::expire_if_equal:
        case script::pexpire_if_equal:
        case script::setex_if_absent:
        case script::pexpire_all: break;
    }
    return 2;
}

/// Nothing: it has been answered why the arguments are none of such a script.
std::optional<given> read_given(call& asked, script what) {
    const auto keys = number_of(asked[2]);
    const auto words = asked.arguments.subspan(first_of_keys);
    const std::size_t values = values_of(what);
    if (!keys) {
        asked.refuse_number();
        return std::nullopt;
    }
    const bool are_fit = *keys >= 1 && std::size_t(*keys) + values <= words.size() &&
                         (*keys == 1 || what == script::pexpire_all);
    if (are_fit)
        return given{.keys = words.first(std::size_t(*keys)),
                     .values = words.subspan(std::size_t(*keys))};
    std::string wanted = "ERR this script takes KEYS[1]";
    for (std::size_t i = 1; i <= values; ++i)
        wanted += (i < values ? ", ARGV[" : " and ARGV[") + std::to_string(i) + "]";
    asked.refuse(wanted);
    return std::nullopt;
}

task<> free_or_prolong(call& asked, script what, given with) {
    const auto name = with.keys[0];
    const auto value = with.values[0];
    result<bool> done;
    if (what == script::delete_if_equal) {
        done = co_await asked.records().end_if(name, value);
    } else {
        const auto number = number_of(with.values[1]);
        const std::int64_t unit = what == script::expire_if_equal ? 1000 : 1;
        constexpr auto most = std::int64_t(farthest.count());
        if (!number || *number > most || *number < -most) co_return asked.refuse_number();
        const steady_time end = deadline_in(asked.from.at().now(), *number * unit);
        done = co_await asked.records().touch_if(name, value, end);
    }
    if (!done) co_return asked.refuse(done.error());
    asked.out.number(*done ? 1 : 0);
}

/// Fields and deadline in one step.
task<> set_cached(call& asked, given with) {
    std::optional<steady_time> end;
    if (with.values[2] != "-1") {
        const auto seconds = number_of(with.values[2]);
        constexpr auto most = std::int64_t(farthest.count());
        if (!seconds || *seconds > most || *seconds < -most) co_return asked.refuse_number();
        end = deadline_in(asked.from.at().now(), *seconds * 1000);
    }
    std::vector<field> fresh{{.name = "absexp", .value = with.values[0]},
                             {.name = "sldexp", .value = with.values[1]},
                             {.name = "data", .value = with.values[3]}};
    settle(fresh);
    bool is_other = false;
    const client::decision decide = [&](const store::record* there) -> std::optional<save> {
        is_other = there != nullptr && holding_of(there->flags) != holding::hash;
        if (is_other) return std::nullopt;
        const auto before = there != nullptr ? std::string_view(there->data) : std::string_view();
        const auto present = there != nullptr ? there->life.expires : no_deadline;
        return save{.data = fields(before, holding::hash).with(fresh).data,
                    .expires = end.value_or(present),
                    .as = holding::hash,
                    .told = events::hset};
    };
    const auto done = co_await asked.records().change(with.keys[0], decide);
    if (!done) co_return asked.refuse(done.error());
    if (is_other) co_return asked.refuse_kind();
    if (end && *done == saved::kept) asked.records().in().tell(with.keys[0], events::expire);
    asked.out.number(1);
}

/// What a command of ours does with other words.
task<> serve_as(call& asked, std::vector<std::string_view> words, task<> (*serve)(call&)) {
    call meant{.from = asked.from, .arguments = words, .out = asked.out};
    co_await serve(meant);
}

task<> pexpire_all(call& asked, given with) {
    bool is_any = false;
    for (const auto key : with.keys) {
        std::vector<std::string_view> words = {"pexpire", key, with.values[0]};
        if (!with.values[1].empty()) words.push_back(with.values[1]);
        store::resp::reply told;
        call meant{.from = asked.from, .arguments = words, .out = told};
        co_await serve_pexpire(meant);
        if (told.bytes().starts_with('-')) {
            asked.out.buffer() += told.bytes();
            co_return;
        }
        is_any |= told.bytes() == ":1\r\n";
        co_await asked.from.breathe();
    }
    asked.out.number(is_any ? 1 : 0);
}

task<> run(call& asked, script what) {
    const auto with = read_given(asked, what);
    if (!with) co_return;
    const auto key = with->keys[0];
    const auto value = with->values[0];
    switch (what) {
        case script::delete_if_equal:
        case script::expire_if_equal:
        case script::pexpire_if_equal: co_return co_await free_or_prolong(asked, what, *with);
        case script::setex_if_absent: {
            std::vector<std::string_view> words = {"set", key, value, "ex", with->values[1], "nx"};
            co_return co_await serve_as(asked, std::move(words), serve_set);
        }
        case script::set_cached: co_return co_await set_cached(asked, *with);
        case script::fields_of: {
            std::vector<std::string_view> words = {"hmget", key};
            words.insert(words.end(), with->values.begin(), with->values.end());
            co_return co_await serve_as(asked, std::move(words),
                                        serve_show<holding::hash, tell_hmget>);
        }
        case script::add_if_present: {
            std::vector<std::string_view> words = {"incrby", key, value};
            co_return co_await serve_as(asked, std::move(words), serve_incrby_present);
        }
        case script::pexpire_all: co_return co_await pexpire_all(asked, *with);
    }
}

}  // namespace

task<> serve_eval(call& asked) {
    const auto what = learn(asked, asked[1]);
    if (what) co_await run(asked, *what);
}

task<> serve_evalsha(call& asked) {
    const auto name = digest_named(asked[1]);
    const auto what = name ? asked.from.at().shared().scripts.find(*name) : std::nullopt;
    if (!what) co_return asked.refuse("NOSCRIPT No matching script. Please use EVAL.");
    co_await run(asked, *what);
}

task<> serve_script(call& asked) {
    auto& known = asked.from.at().shared().scripts;
    if (is_word(asked[1], "load") && asked.size() == 3) {
        if (learn(asked, asked[2])) asked.out.bulk(text_of(crypto::sha1(asked[2])));
    } else if (is_word(asked[1], "exists") && asked.size() > 2) {
        asked.out.array(asked.size() - 2);
        for (const auto text : asked.arguments.subspan(2)) {
            const auto name = digest_named(text);
            asked.out.number(name && known.find(*name) ? 1 : 0);
            co_await asked.from.breathe();
        }
    } else if (is_word(asked[1], "flush")) {
        known.clear();
        asked.out.ok();
    } else {
        asked.refuse("ERR unknown subcommand '" + shown_word(asked[1]) + "'. Try SCRIPT HELP.");
    }
    co_return;
}

}  // namespace hawser::sessions::resp
