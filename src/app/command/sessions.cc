// SPDX-License-Identifier: Apache-2.0
// `hawser sessions`: the live sessions of a running node, and what is to become of them.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/encoded.h"
#include "app/command/remote.h"
#include "app/command/span.h"
#include "app/command/table.h"
#include "app/command/trial.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

using nlohmann::json;

struct session_options {
    node_address node;
    std::string session;
    std::string pool;
    std::string server;
    std::string kind;
    std::string user;
    std::string name_space;
    std::string user_key;
    std::string idle;
    std::string idle_below;
    std::string age;
    std::string age_below;
    bool pinned = false;
    bool tentative = false;
    // Of a list.
    std::size_t limit = limits::admin_page;
    std::string after;
    bool as_json = false;
    // Of a change.
    std::string to;
    bool lifts = false;
    bool is_trial = false;
    bool is_forced = false;
};

using given_options = std::shared_ptr<session_options>;
using row = std::vector<std::string>;

constexpr std::size_t first_number = 7;  ///< columns before it are texts

/// What was said of the sessions, by the admin API's names. `POOL/SERVER` names both.
std::vector<std::pair<std::string, std::string>> filter_of(const session_options& given) {
    std::string pool = given.pool;
    std::string server = given.server;
    if (const auto slash = server.find('/'); slash != server.npos) {
        pool = server.substr(0, slash);
        server.erase(0, slash + 1);
    }
    std::vector<std::pair<std::string, std::string>> all = {{"session", given.session},
                                                            {"pool", pool},
                                                            {"server", server},
                                                            {"kind", given.kind},
                                                            {"user", given.user},
                                                            {"namespace", given.name_space},
                                                            {"user-key", given.user_key},
                                                            {"idle", given.idle},
                                                            {"idle-below", given.idle_below},
                                                            {"age", given.age},
                                                            {"age-below", given.age_below}};
    std::erase_if(all, [](const auto& each) { return each.second.empty(); });
    if (given.pinned) all.emplace_back("pinned", "true");
    if (given.tentative) all.emplace_back("tentative", "true");
    return all;
}

std::string target_of(const session_options& given, std::size_t limit, const std::string& after) {
    auto target = fmt::format("/v1/sessions?limit={}", limit);
    for (const auto& [key, value] : filter_of(given)) target += "&" + key + "=" + encoded(value);
    if (!after.empty()) target += "&after=" + encoded(after);
    return target;
}

std::string text_or_dash(const json& one, const char* key) {
    const json& value = one.at(key);
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) return "-";
    return value.get<std::string>();
}

std::string number_of(const json& one, const char* key) {
    return std::to_string(one.at(key).get<std::uint64_t>());
}

row row_of(const json& one) {
    const json& data = one.at("data");
    const bool is_kept = data.is_object();
    const bool has_end = is_kept && data.at("ends_in_seconds").is_number();
    return {one.at("id").get<std::string>(),
            text_or_dash(one, "pool") + "/" + text_or_dash(one, "server"),
            text_or_dash(one, "kind"),
            text_or_dash(one, "user"),
            one.at("state").get<std::string>(),
            one.at("pinned").get<bool>() ? "yes" : "-",
            is_kept ? text_or_dash(data, "durability") : "-",
            span_of(one.at("age_seconds").get<std::uint64_t>()),
            span_of(one.at("idle_seconds").get<std::uint64_t>()),
            number_of(one, "requests"),
            number_of(one, "tunnels"),
            number_of(one, "keys"),
            number_of(one, "moves"),
            is_kept ? number_of(data, "bytes") : "-",
            has_end ? span_of(data.at("ends_in_seconds").get<std::uint64_t>()) : "-"};
}

/// Page by page, so that neither the node nor this holds them all at once as documents.
int list(const session_options& given) {
    std::vector<row> rows = {{"SESSION", "HOME", "KIND", "USER", "STATE", "PINNED", "CLASS", "AGE",
                              "IDLE", "REQUESTS", "TUNNELS", "KEYS", "MOVES", "BYTES", "ENDS"}};
    std::size_t left = given.limit == 0 ? SIZE_MAX : given.limit;
    std::string after = given.after;
    bool is_more = true;
    while (left != 0 && is_more) {
        const auto most = std::min<std::size_t>(left, limits::admin_page_max);
        const auto told = ask_node(given.node, "GET", target_of(given, most, after));
        if (!told) return complain("sessions", told.error().context);
        const auto page = json::parse(*told, nullptr, false);
        if (!page.is_object() || !page.contains("sessions"))
            return complain_of_stranger("sessions");
        for (const auto& each : page["sessions"]) {
            if (given.as_json)
                fmt::print("{}\n", each.dump());
            else
                rows.push_back(row_of(each));
        }
        left -= std::min(left, page["sessions"].size());
        is_more = page["next"].is_string();
        if (is_more) after = page["next"].get<std::string>();
    }
    if (!given.as_json) fmt::print("{}", table_of(rows, first_number));
    if (is_more) fmt::print(stderr, "there are more: --after {}, or --limit 0\n", after);
    return exit_fine;
}

void add_lines(const json& one, const std::string& before, std::vector<row>& into) {
    for (const auto& [key, value] : one.items()) {
        if (value.is_object())
            add_lines(value, key + ".", into);
        else
            into.push_back(
                {before + key, value.is_string() ? value.get<std::string>() : value.dump()});
    }
}

void tell(const json& one) {
    std::vector<row> lines;
    add_lines(one, {}, lines);
    fmt::print("{}", table_of(lines));
}

/// It may live in several pools, and far behind in the table.
int show(const session_options& given) {
    std::string after;
    bool is_found = false;
    for (bool is_more = true; is_more;) {
        const auto told = ask_node(given.node, "GET", target_of(given, limits::admin_page, after));
        if (!told) return complain("sessions show", told.error().context);
        const auto page = json::parse(*told, nullptr, false);
        if (!page.is_object() || !page.contains("sessions"))
            return complain_of_stranger("sessions show");
        for (const auto& each : page["sessions"]) {
            is_found = true;
            if (given.as_json)
                fmt::print("{}\n", each.dump());
            else
                tell(each);
        }
        is_more = page["next"].is_string();
        if (is_more) after = page["next"].get<std::string>();
    }
    return is_found ? exit_fine : complain("sessions show", "there is no session " + given.session);
}

json body_of(const session_options& given) {
    json made = json::object();
    for (const auto& [key, value] : filter_of(given)) {
        if (value == "true")
            made[key] = true;
        else
            made[key] = value;
    }
    return made;
}

int change(const session_options& given, const std::string& verb, const char* done, json body) {
    const auto path = "/v1/sessions/" + verb + options_of(given.is_trial, given.is_forced);
    const auto told = ask_node(given.node, "POST", path, body.dump());
    if (!told) return complain("sessions " + verb, told.error().context);
    if (given.is_trial) return tell_trial("sessions " + verb, *told);
    const auto answer = json::parse(*told, nullptr, false);
    if (!answer.is_object() || !answer.contains("sessions"))
        return complain_of_stranger("sessions");
    const auto count = answer["sessions"].get<std::uint64_t>();
    fmt::print("{} {} {}", count, count == 1 ? "session" : "sessions", done);
    if (const auto kept = answer.find("records_ended"); kept != answer.end())
        fmt::print(", with what is kept in {}", kept->get<std::uint64_t>());
    fmt::print("\n");
    tell_warning("sessions " + verb, *told);
    return exit_fine;
}

int move(const session_options& given) {
    auto body = body_of(given);
    body["to"] = given.to;
    return change(given, "move", "moved", std::move(body));
}

int pin(const session_options& given) {
    auto body = body_of(given);
    body["pin"] = !given.lifts;
    return change(given, "pin", given.lifts ? "let go of" : "pinned", std::move(body));
}

int end(const session_options& given) { return change(given, "end", "ended", body_of(given)); }

void add_filter(CLI::App& command, const given_options& given) {
    command.add_option("--pool", given->pool, "Of this pool");
    command.add_option("--server", given->server, "At home there: POOL/SERVER");
    command.add_option("--kind", given->kind, "Named by this kind of affinity");
    command.add_option("--user", given->user, "Of this user, by the hash that lists show");
    command.add_option("--namespace", given->name_space,
                       "With what the session service keeps in this namespace");
    command.add_option("--user-key", given->user_key,
                       "Of this user of the namespace, as the application names him");
    command.add_option("--idle", given->idle, "Without a request for so long, or longer: 10m");
    command.add_option("--idle-below", given->idle_below, "With a request within this time");
    command.add_option("--age", given->age, "So old, or older");
    command.add_option("--age-below", given->age_below, "Younger than this");
    command.add_flag("--pinned", given->pinned, "Pinned ones");
    command.add_flag("--tentative", given->tentative, "Those whose key has yet to come back");
    add_node_options(command, given->node);
}

CLI::App& add_change(CLI::App& parent, const char* name, const char* summary,
                     const given_options& given) {
    CLI::App* command = parent.add_subcommand(name, summary);
    command->add_option("session", given->session,
                        "One session, by its hash in lists and logs; else all that the options "
                        "select");
    add_filter(*command, given);
    add_trial_options(*command, given->is_trial, given->is_forced);
    return *command;
}

}  // namespace

void add_sessions(CLI::App& program, int& status) {
    const auto listed = std::make_shared<session_options>();
    CLI::App* all = program.add_subcommand("sessions", "Show live sessions; move, pin or end them");
    all->require_subcommand(0, 1);
    add_filter(*all, listed);
    all->add_option("--limit", listed->limit, "So many at the most; 0: all")->capture_default_str();
    all->add_option("--after", listed->after, "Go on where a list has stopped");
    all->add_flag("--json", listed->as_json, "A JSON object a line");
    all->callback([all, listed, &status] {
        if (all->get_subcommands().empty()) status = list(*listed);
    });

    const auto shown = std::make_shared<session_options>();
    CLI::App* one = all->add_subcommand("show", "Show one session");
    one->add_option("session", shown->session, "By its hash in lists and logs")->required();
    one->add_flag("--json", shown->as_json, "As JSON");
    add_node_options(*one, shown->node);
    one->callback([shown, &status] { status = show(*shown); });

    const auto moved = std::make_shared<session_options>();
    CLI::App& mover = add_change(*all, "move", "Give sessions another home", moved);
    mover.add_option("--to", moved->to, "The server's name in their pool")->required();
    mover.callback([moved, &status] { status = move(*moved); });

    const auto pinned = std::make_shared<session_options>();
    CLI::App& pinner =
        add_change(*all, "pin", "Let nobody move sessions from a home that can serve them", pinned);
    pinner.add_flag("--lift", pinned->lifts, "Let go of them again");
    pinner.callback([pinned, &status] { status = pin(*pinned); });

    const auto ended = std::make_shared<session_options>();
    CLI::App& ender = add_change(*all, "end", "End sessions: their clients begin new ones", ended);
    ender.callback([ended, &status] { status = end(*ended); });
}

}  // namespace hawser::app
