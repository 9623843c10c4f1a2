// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/with.h"
#include "sessions/limits.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"
#include "sessions/resp/scan.h"

/// Channels: who listens, and what is said (R3.6).
namespace hawser::sessions::resp {

namespace {

constexpr std::size_t listed_at_once = 64;
constexpr std::chrono::milliseconds looked_while_behind(5);

channels& channels_of(call& asked) { return asked.records().in().channels; }

/// Confirms that something has become so, and how much the client listens to now.
void confirm(call& asked, std::string_view what, std::optional<std::string_view> name) {
    const auto* mine = asked.from.subscribed();
    asked.out.push(3);
    asked.out.bulk(what);
    if (name)
        asked.out.bulk(*name);
    else
        asked.out.null();
    asked.out.number(mine == nullptr ? 0 : std::int64_t(mine->count()));
}

task<> listen(call& asked, listening what, std::string_view word) {
    for (const auto name : asked.arguments.subspan(1)) {
        if (what == listening::pattern && name.size() > limits::pattern_bytes)
            co_return asked.refuse("ERR pattern is too long");
        if (!asked.from.subscribe().add(what, name))
            co_return asked.refuse("ERR too many subscriptions of one client");
        confirm(asked, word, name);
        co_await asked.from.breathe();
    }
}

task<> leave(call& asked, listening what, std::string_view word) {
    auto* mine = asked.from.subscribed();
    std::vector<std::string> names(asked.arguments.begin() + 1, asked.arguments.end());
    if (names.empty() && mine != nullptr)
        names.assign(mine->all(what).begin(), mine->all(what).end());
    if (names.empty()) co_return confirm(asked, word, std::nullopt);
    for (const auto& name : names) {
        if (mine != nullptr) mine->remove(what, name);
        asked.from.tell_heard();  // once that is confirmed, nothing more comes
        confirm(asked, word, name);
        co_await asked.from.breathe();
    }
}

/// How many clients hear what is said there.
task<std::size_t> count_hearers(call& asked, std::string_view channel) {
    auto& all = channels_of(asked);
    std::size_t count = all.count(listening::channel, channel);
    std::string last;
    for (const std::string* from = nullptr;; from = &last) {
        const auto some = all.next(listening::pattern, from, listed_at_once);
        for (const auto& each : some)
            if (co_await matches_in_turns(asked, each.name, channel)) count += each.count;
        if (some.size() < listed_at_once) co_return count;
        last = some.back().name;
    }
}

/// Somebody has been far behind for a short while: it gets time.
task<> await_listeners(call& asked) {
    auto& leaving = asked.from.at().leaving();
    while (channels_of(asked).asks_for_patience(loop::current().now().steady) &&
           !leaving.is_stopped())
        (void)co_await with_stop(leaving, sleep_for(looked_while_behind));
}

task<> tell_channels(call& asked) {
    auto& all = channels_of(asked);
    const auto pattern = asked.size() == 3 ? asked[2] : "*";
    if (pattern.size() > limits::pattern_bytes) co_return asked.refuse("ERR pattern is too long");
    std::vector<std::string> found;
    std::string last;
    for (const std::string* from = nullptr;; from = &last) {
        auto some = all.next(listening::channel, from, listed_at_once);
        if (!some.empty()) last = some.back().name;
        for (auto& each : some)
            if (co_await matches_in_turns(asked, pattern, each.name))
                found.push_back(std::move(each.name));
        if (some.size() < listed_at_once) break;
    }
    asked.out.array(found.size());
    for (const auto& each : found) {
        asked.out.bulk(each);
        co_await asked.from.breathe();
    }
}

}  // namespace

task<> serve_subscribe(call& asked) { co_await listen(asked, listening::channel, "subscribe"); }

task<> serve_psubscribe(call& asked) { co_await listen(asked, listening::pattern, "psubscribe"); }

task<> serve_unsubscribe(call& asked) { co_await leave(asked, listening::channel, "unsubscribe"); }

task<> serve_punsubscribe(call& asked) {
    co_await leave(asked, listening::pattern, "punsubscribe");
}

task<> serve_publish(call& asked) {
    co_await await_listeners(asked);
    const std::size_t count = co_await count_hearers(asked, asked[1]);
    channels_of(asked).publish(asked[1], asked[2]);
    asked.out.number(std::int64_t(count));
}

task<> serve_pubsub(call& asked) {
    const auto what = asked[1];
    if (is_word(what, "channels") && asked.size() <= 3) {
        co_await tell_channels(asked);
    } else if (is_word(what, "numsub")) {
        asked.out.array(2 * (asked.size() - 2));
        for (const auto name : asked.arguments.subspan(2)) {
            asked.out.bulk(name);
            asked.out.number(std::int64_t(channels_of(asked).count(listening::channel, name)));
            co_await asked.from.breathe();
        }
    } else if (is_word(what, "numpat") && asked.size() == 2) {
        asked.out.number(std::int64_t(channels_of(asked).different(listening::pattern)));
    } else {
        asked.refuse("ERR unknown subcommand '" + shown_word(what) + "'. Try PUBSUB HELP.");
    }
}

}  // namespace hawser::sessions::resp
