// SPDX-License-Identifier: Apache-2.0
// `hawser explain`: why a request was answered by whom it was, or what would become of one.

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/command/encoded.h"
#include "app/command/remote.h"
#include "app/command/table.h"

namespace hawser::app {

namespace {

using nlohmann::json;

struct explain_options {
    node_address node;
    std::string request;
    std::string listener;
    std::string method;
    std::string host;
    std::string path;
    std::string source;
    std::vector<std::string> cookies;
    std::vector<std::string> headers;
    bool as_json = false;
};

std::string text_of(const json& one, const char* key) {
    return one.at(key).is_string() ? one.at(key).get<std::string>() : std::string();
}

void tell_choice(const json& choice) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : choice.at("candidates")) {
        const auto why_not = text_of(each, "why_not");
        rows.push_back({"  " + text_of(each, "server"), each.at("home").get<bool>() ? "home" : "",
                        why_not.empty() ? "may be chosen" : why_not});
    }
    fmt::print("candidates\n{}", table_of(rows));
    const auto server = text_of(choice, "server");
    const auto cause = text_of(choice, "cause");
    fmt::print("{} {}{}\n", server.empty() ? "nobody is settled on:" : server + ":",
               text_of(choice, "verdict"), cause.empty() ? cause : ", " + cause);
}

void tell(const json& one) {
    if (!text_of(one, "request_id").empty())
        fmt::print("request {} at {}\n", text_of(one, "request_id"), text_of(one, "when"));
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : one.at("steps"))
        rows.push_back({text_of(each, "step"), text_of(each, "says")});
    fmt::print("{}", table_of(rows));
    for (const auto& each : one.at("choices")) tell_choice(each);
    const auto status = one.at("status").get<unsigned>();
    if (status != 0)
        fmt::print("answer {}{}\n", status,
                   text_of(one, "ended").empty() ? "" : ", " + text_of(one, "ended"));
}

/// What would become of a request.
int suppose(const explain_options& given) {
    json body = {{"listener", given.listener}};
    const auto set = [&](const char* key, const std::string& value) {
        if (!value.empty()) body[key] = value;
    };
    set("method", given.method);
    set("host", given.host);
    set("path", given.path);
    set("source", given.source);
    if (!given.cookies.empty()) body["cookies"] = given.cookies;
    if (!given.headers.empty()) body["headers"] = given.headers;
    const auto told = ask_node(given.node, "POST", "/v1/explain", body.dump());
    if (!told) return complain("explain", told.error().context);
    const auto one = json::parse(*told, nullptr, false);
    if (!one.is_object() || !one.contains("steps")) return complain_of_stranger("explain");
    if (given.as_json)
        fmt::print("{}\n", one.dump());
    else
        tell(one);
    return exit_fine;
}

/// Why requests were answered so that came while they were watched.
int recall(const explain_options& given) {
    const auto target =
        "/v1/explanations" + (given.request.empty() ? "" : "?request=" + encoded(given.request));
    const auto told = ask_node(given.node, "GET", target);
    if (!told) return complain("explain", told.error().context);
    const auto all = json::parse(*told, nullptr, false);
    if (!all.is_object() || !all.contains("explanations")) return complain_of_stranger("explain");
    if (all["explanations"].empty())
        return complain("explain",
                        "nothing is known of it: requests are explained while they are watched "
                        "(`hawser log --session`, `--client`, `--pool`)");
    for (const auto& each : all["explanations"]) {
        if (given.as_json)
            fmt::print("{}\n", each.dump());
        else
            tell(each);
    }
    return exit_fine;
}

}  // namespace

void add_explain(CLI::App& program, int& status) {
    const auto given = std::make_shared<explain_options>();
    CLI::App* command = program.add_subcommand(
        "explain", "Tell why a request was answered by whom it was, or would be");
    command->add_option("request", given->request,
                        "The id of a request that was watched (`hawser log`); left out: all");
    const auto supposed = [&](const char* name, auto& into, const char* summary) {
        return command->add_option(name, into, summary)->needs("--listener");
    };
    command->add_option("--listener", given->listener,
                        "Of a request that might come in at this listener");
    supposed("--method", given->method, "Its method; default: GET");
    supposed("--host", given->host, "Its Host; default: localhost");
    supposed("--path", given->path, "Its path, and query; default: /");
    supposed("--source", given->source, "The client's address; default: 192.0.2.1");
    supposed("--cookie", given->cookies, "NAME=VALUE; may be there several times");
    supposed("--header", given->headers, "NAME: VALUE; may be there several times");
    command->add_flag("--json", given->as_json, "As JSON");
    add_node_options(*command, given->node);
    command->callback(
        [given, &status] { status = given->listener.empty() ? recall(*given) : suppose(*given); });
}

}  // namespace hawser::app
