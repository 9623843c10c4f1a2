// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "observe/log.h"
#include "sessions/glob.h"
#include "sessions/limits.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"

/// What libraries ask of the server itself.
namespace hawser::sessions::resp {

namespace {

using fact = std::pair<std::string_view, std::string>;

struct section {
    std::string_view name;
    std::vector<fact> facts;
};

std::vector<section> sections_of(call& asked) {
    door& at = asked.from.at();
    const auto& space = asked.records().in().space;
    const auto& held = space.held;
    const bool is_loading = space.condition() == store::condition::opening;
    const auto up =
        std::chrono::floor<std::chrono::seconds>(at.now().steady - at.shared().started).count();
    const std::string keys = "keys=" + std::to_string(held.records()) + ",expires=0,avg_ttl=0";
    return {
        {"Server",
         {{"redis_version", "7.2.0"},
          {"redis_mode", "standalone"},
          {"process_id", std::to_string(::getpid())},
          {"tcp_port", std::to_string(asked.from.port())},
          {"uptime_in_seconds", std::to_string(up)},
          {"uptime_in_days", std::to_string(up / 86'400)}}},
        {"Clients", {{"connected_clients", std::to_string(at.shared().connections.load())}}},
        {"Memory", {{"used_memory", std::to_string(held.bytes())}}},
        {"Persistence", {{"loading", is_loading ? "1" : "0"}}},
        {"Replication", {{"role", "master"}, {"connected_slaves", "0"}}},
        {"Keyspace", held.records() == 0 ? std::vector<fact>{} : std::vector<fact>{{"db0", keys}}}};
}

bool is_wanted(call& asked, std::string_view name) {
    if (asked.size() == 1) return true;
    return std::ranges::any_of(asked.arguments.subspan(1), [name](std::string_view word) {
        return is_word(word, name) || is_word(word, "all") || is_word(word, "default") ||
               is_word(word, "everything");
    });
}

constexpr std::size_t words_max = 64;  // each is compared with all there is to tell

constexpr std::string_view events_name = "notify-keyspace-events";

/// What CONFIG GET tells: what clients ask for before they begin.
std::vector<fact> told(call& asked) {
    return {{"appendonly", "no"},
            {"databases", "1"},
            {"maxmemory-policy", "noeviction"},
            {events_name, asked.records().in().channels.events().write()},
            {"save", ""},
            {"timeout", "0"}};
}

/// A client may say which events of its namespace are told, and nothing else.
void set_config(call& asked) {
    if (asked.size() != 4 || !is_word(asked[2], events_name))
        return asked.refuse("ERR CONFIG SET of '" + shown_word(asked.size() > 2 ? asked[2] : "") +
                            "': nothing but notify-keyspace-events is changed from here");
    const auto said = event_kinds::read(asked[3]);
    if (!said)
        return asked.refuse(
            "ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') - "
            "Invalid event class character. Use 'Ag$lshzxeKEtd'.");
    auto& in = asked.records().in();
    if (in.channels.events() != *said)
        observe::log_sparsely(observe::level::notice, "session-events",
                              "namespace " + std::string(in.space.name()) +
                                  ": by a client's word its events are now '" + said->write() +
                                  "'");
    in.channels.set_events(*said);
    asked.out.ok();
}

}  // namespace

task<> serve_info(call& asked) {
    if (asked.size() - 1 > words_max) co_return asked.refuse("ERR too many sections");
    std::string text;
    for (const auto& each : sections_of(asked)) {
        if (!is_wanted(asked, each.name)) continue;
        if (!text.empty()) text += "\r\n";
        text.append("# ").append(each.name).append("\r\n");
        for (const auto& [name, value] : each.facts)
            text.append(name).append(":").append(value).append("\r\n");
    }
    asked.out.bulk(text);
    co_return;
}

task<> serve_command(call& asked) {
    if (asked.size() == 1) {
        asked.out.array(0);
    } else if (is_word(asked[1], "count")) {
        asked.out.number(std::int64_t(all_commands().size()));
    } else if (is_word(asked[1], "docs")) {
        asked.out.map(0);
    } else if (is_word(asked[1], "info")) {
        asked.out.array(asked.size() - 2);
        for (std::size_t i = 2; i < asked.size(); ++i) asked.out.null();
    } else {
        asked.refuse("ERR unknown subcommand '" + shown_word(asked[1]) + "'. Try COMMAND HELP.");
    }
    co_return;
}

task<> serve_config(call& asked) {
    if (is_word(asked[1], "set")) co_return set_config(asked);
    if (!is_word(asked[1], "get"))
        co_return asked.refuse("ERR unknown subcommand '" + shown_word(asked[1]) +
                               "': the configuration is not changed from here");
    if (asked.size() < 3)
        co_return asked.refuse("ERR wrong number of arguments for 'config|get' command");
    if (asked.size() - 2 > words_max) co_return asked.refuse("ERR too many patterns");
    if (std::ranges::any_of(asked.arguments.subspan(2), [](std::string_view pattern) {
            return pattern.size() > limits::pattern_bytes;
        }))
        co_return asked.refuse("ERR pattern is too long");
    auto found = told(asked);
    std::erase_if(found, [&](const fact& one) {
        return std::ranges::none_of(asked.arguments.subspan(2), [&](std::string_view pattern) {
            return matches(pattern, one.first);
        });
    });
    asked.out.map(found.size());
    for (const auto& [name, value] : found) {
        asked.out.bulk(name);
        asked.out.bulk(value);
    }
}

}  // namespace hawser::sessions::resp
