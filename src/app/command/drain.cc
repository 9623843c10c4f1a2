// SPDX-License-Identifier: Apache-2.0
// `hawser drain`: empties a server of its sessions, and shows what is left of them.

#include <poll.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/drain_end.h"
#include "app/command/remote.h"
#include "app/command/server_path.h"
#include "app/command/span.h"
#include "app/command/trial.h"
#include "config/units.h"
#include "upstream/drain_policy.h"

namespace hawser::app {

namespace {

using nlohmann::json;

constexpr auto poll_interval = std::chrono::milliseconds(500);
/// Without a terminal a line is written so often, or when something other than time has changed.
constexpr auto line_interval = std::chrono::seconds(10);
/// A node that is being restarted or upgraded answers again soon.
constexpr unsigned failures_max = 10;
/// How often the first count is asked for.
constexpr auto first_look_interval = std::chrono::milliseconds(50);
constexpr unsigned first_looks_max = 20;

struct drain_options {
    node_address node;
    std::string server;
    std::string deadline;
    std::array<std::string, upstream::session_classes> rules;
    bool waits = false;
    bool is_trial = false;
    bool is_forced = false;
    bool json = false;
};

volatile std::sig_atomic_t interrupted = 0;

std::uint64_t number(const json& from, const char* key) {
    return from.at(key).get<std::uint64_t>();
}

/// `sessions left 12 (tentative 0, idle 1, active 9, tunnel 2), ...`
std::string left_of(const json& one) {
    const auto& sessions = one.at("sessions");
    if (sessions.is_null()) return "counting";
    std::string text = fmt::format("sessions left {}", number(one, "left"));
    std::string parts;
    const auto add = [&](std::string_view what, std::uint64_t count) {
        if (count != 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", what, count);
    };
    for (const auto& [name, count] : sessions.items()) add(name, count.get<std::uint64_t>());
    if (!parts.empty()) text += " (" + std::exchange(parts, {}) + ")";
    for (const auto& each : one.at("idle_ages")) {
        const auto& below = each.at("below_seconds");
        add(below.is_null() ? "longer" : "below " + span_of(below.get<std::uint64_t>()),
            number(each, "sessions"));
    }
    if (!parts.empty()) text += ", idle for " + parts;
    return text + fmt::format("; in flight {} requests, {} tunnels; {} connections",
                              number(one, "requests"), number(one, "tunnels"),
                              number(one, "connections"));
}

/// The same after the server's name.
std::string line_of(const json& one) {
    return fmt::format("{}/{}: {}", one.at("pool").get<std::string>(),
                       one.at("server").get<std::string>(), left_of(one));
}

/// When it will be over.
std::string end_of(const json& one) {
    const json& expected = one.at("expected_in_seconds");
    return end_in(expected.is_null() ? std::nullopt : std::optional(expected.get<std::uint64_t>()),
                  number(one, "deadline_in_seconds"));
}

/// What is shown while it lasts: a line that is written over, or lines.
class progress {
  public:
    explicit progress(bool as_json) : as_json_(as_json), is_live_(::isatty(STDOUT_FILENO) == 1) {}
    ~progress() { end_line(); }

    void show(const json& one) {
        if (as_json_) {
            fmt::print("{}\n", one.dump());
        } else if (is_live_) {
            fmt::print("\r\x1b[K{}; {}", line_of(one), end_of(one));
            is_open_ = true;
        } else {
            const auto now = std::chrono::steady_clock::now();
            auto line = line_of(one);
            if (line == last_ && now - shown_ < line_interval) return;
            fmt::print("{}; {}\n", line, end_of(one));
            last_ = std::move(line);
            shown_ = now;
        }
        std::fflush(stdout);
    }
    void end_line() {
        if (std::exchange(is_open_, false)) fmt::print("\n");
    }
    /// A last sentence for people.
    void say(const std::string& text) {
        end_line();
        if (!as_json_) fmt::print("{}\n", text);
    }

  private:
    bool as_json_;
    bool is_live_;
    bool is_open_ = false;
    std::string last_;
    std::chrono::steady_clock::time_point shown_{};
};

/// The exit status, once it is over.
std::optional<int> outcome_of(const json& one, std::uint64_t ours, progress& shown) {
    const auto name = one.at("pool").get<std::string>() + "/" + one.at("server").get<std::string>();
    if (number(one, "number") != ours) {
        shown.say(name + " is drained anew by somebody else");
        return exit_lifted;
    }
    const auto& outcome = one.at("outcome");
    if (outcome.is_null()) return std::nullopt;
    if (outcome == "empty") {
        shown.say(name + " is empty");
        return exit_fine;
    }
    if (outcome == "deadline") {
        shown.say(
            fmt::format("{} came to its deadline; sessions that move with their next request: {}",
                        name, number(one, "released")));
        return exit_deadline;
    }
    shown.say(name + " does not drain any more: somebody lifted it");
    return exit_lifted;
}

int wait_for_end(const drain_options& given, const std::string& path, std::uint64_t ours) {
    struct sigaction heed = {};
    heed.sa_handler = [](int) { interrupted = 1; };
    ::sigaction(SIGINT, &heed, nullptr);
    progress shown(given.json);
    for (unsigned failures = 0; interrupted == 0;) {
        const auto told = ask_node(given.node, "GET", path);
        const auto one = told ? json::parse(*told, nullptr, false) : json();
        if (one.is_object()) {
            failures = 0;
            shown.show(one);
            if (const auto status = outcome_of(one, ours, shown)) return *status;
        } else if (!told && told.error().code == errc::invalid) {
            shown.end_line();  // it answers, but the server is no more
            complain("drain", told.error().context);
            return exit_lifted;
        } else if (++failures == failures_max) {
            shown.end_line();
            return complain("drain",
                            told ? "what answers there is no hawser" : told.error().context);
        }
        ::poll(nullptr, 0, int(poll_interval.count()));  // a signal ends it at once
    }
    shown.end_line();
    fmt::print(stderr, "hawser drain: {} goes on draining; `hawser ready {}` lifts it\n",
               given.server, given.server);
    return exit_interrupted;
}

/// As soon as its sessions have been counted once, which takes a moment; as it is, if that moment
/// is long.
result<json> begun_drain(const drain_options& given, const std::string& path) {
    for (unsigned looks = 1;; ++looks) {
        const auto told = ask_node(given.node, "GET", path);
        if (!told) return std::unexpected(told.error());
        auto one = json::parse(*told, nullptr, false);
        const bool is_counted = one.is_object() && !one.value("sessions", json()).is_null();
        if (is_counted || looks == first_looks_max) return one;
        ::poll(nullptr, 0, int(first_look_interval.count()));
    }
}

json wanted_by(const drain_options& given) {
    json body = json::object();
    if (!given.deadline.empty()) body["deadline"] = given.deadline;
    for (std::size_t i = 0; i < given.rules.size(); ++i)
        if (!given.rules[i].empty())
            body[std::string(upstream::name_of(upstream::session_class(i)))] = given.rules[i];
    return body;
}

int drain_server(const drain_options& given) {
    const auto path = path_of(given.server, "/drain");
    const auto told =
        ask_node(given.node, "PUT", path + options_of(given.is_trial, given.is_forced),
                 wanted_by(given).dump());
    if (!told) return complain("drain", told.error().context);
    if (given.is_trial) return tell_trial("drain", *told);
    tell_warning("drain", *told);
    const auto begun = begun_drain(given, path);
    if (!begun) return complain("drain", begun.error().context);
    try {  // the library throws where a document isn't what it should be
        const json& one = *begun;
        if (given.waits) return wait_for_end(given, path, number(one, "number"));
        if (given.json)
            fmt::print("{}\n", one.dump());
        else
            fmt::print("{} takes no new sessions; {}; {}\n", given.server, left_of(one),
                       end_of(one));
    } catch (const json::exception&) {
        return complain_of_stranger("drain");
    }
    return exit_fine;
}

std::string wrong_duration(const std::string& text) {
    const auto read = config::parse_duration(text);
    return read ? std::string() : read.error();
}

std::string wrong_rule(const std::string& text) {
    const auto read = upstream::parse_leave_rule(text);
    return read ? std::string() : read.error();
}

constexpr std::array<const char*, upstream::session_classes> rule_summaries = {
    "Sessions whose key has not come back yet", "Sessions without a request for a while",
    "The others", "Sessions with an open WebSocket"};

}  // namespace

void add_drain(CLI::App& program, int& status) {
    const auto given = std::make_shared<drain_options>();
    CLI::App* command = program.add_subcommand(
        "drain", "Give a server no new sessions, and empty it of those it has");
    command->add_option("server", given->server, "POOL/SERVER")->required()->check(wrong_server);
    command
        ->add_option("--deadline", given->deadline,
                     "Then whoever is left moves; default: the pool's")
        ->check(wrong_duration);
    for (std::size_t i = 0; i < given->rules.size(); ++i) {
        const auto name = "--" + std::string(upstream::name_of(upstream::session_class(i)));
        command
            ->add_option(name, given->rules[i],
                         std::string(rule_summaries[i]) +
                             ": `finish`, `move`, `cut`, or how long it must be idle to move; "
                             "default: the pool's")
            ->check(wrong_rule);
    }
    command->add_flag("--wait", given->waits,
                      "Show what is left until the end. Exit status: 0 empty, 3 at the deadline, "
                      "4 lifted or begun anew by somebody");
    command->add_flag("--json", given->json, "As JSON, a line each");
    add_trial_options(*command, given->is_trial, given->is_forced);
    add_node_options(*command, given->node);
    command->callback([given, &status] { status = drain_server(*given); });
}

}  // namespace hawser::app
