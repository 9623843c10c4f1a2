// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "crypto/digest.h"
#include "sessions/deadline.h"
#include "sessions/resp/command.h"
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

/// False: it has been answered why the arguments are none of such a script.
bool are_fit(call& asked, script what) {
    const auto keys = number_of(asked[2]);
    const bool has_time = what != script::delete_if_equal;
    if (!keys)
        asked.refuse_number();
    else if (*keys != 1 || asked.size() < first_of_keys + (has_time ? 3 : 2))
        asked.refuse(has_time ? "ERR this script takes KEYS[1], ARGV[1] and ARGV[2]"
                              : "ERR this script takes KEYS[1] and ARGV[1]");
    else
        return true;
    return false;
}

task<> run(call& asked, script what) {
    if (!are_fit(asked, what)) co_return;
    const auto name = asked[first_of_keys];
    const auto value = asked[first_of_keys + 1];
    result<bool> done;
    if (what == script::delete_if_equal) {
        done = co_await asked.records().end_if(name, value);
    } else {
        const auto number = number_of(asked[first_of_keys + 2]);
        const std::int64_t unit = what == script::expire_if_equal ? 1000 : 1;
        constexpr auto most = std::int64_t(farthest.count());
        if (!number || *number > most || *number < -most) co_return asked.refuse_number();
        const steady_time end = deadline_in(asked.from.at().now(), *number * unit);
        done = co_await asked.records().touch_if(name, value, end);
    }
    if (!done) co_return asked.refuse(done.error());
    asked.out.number(*done ? 1 : 0);
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
