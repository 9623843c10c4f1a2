// SPDX-License-Identifier: Apache-2.0
#include "app/command/remote.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/configuration/load.h"
#include "async/scope.h"
#include "async/with.h"
#include "http/client.h"
#include "io/epoll/epoll_engine.h"
#include "io/resolve.h"
#include "io/worker.h"

namespace hawser::app {

namespace {

/// A reload looks names up and opens sockets before it answers.
constexpr auto patience = std::chrono::seconds(60);

using answered = std::optional<result<http::client_answer>>;

/// Where every address of the machine is listened on, the loopback is one of them.
std::string reachable(const std::string& listening) {
    return listening.starts_with(':') ? "127.0.0.1" + listening : listening;
}

result<std::string> address_of(const node_address& node) {
    if (!node.admin.empty()) return reachable(node.admin);
    if (node.file.empty()) return std::string(default_admin);
    const auto read = load(node.file);
    if (!read.settings) return fail(errc::invalid, "\n" + read.problems.text());
    if (!read.settings->admin.bind)
        return fail(errc::invalid, node.file + " turns the admin endpoint off (`admin.bind`)");
    return reachable(read.settings->admin.bind->text);
}

task<> ask_into(io::worker& on, io::endpoint at, http::client_request what, answered& told) {
    told = co_await with_deadline(patience, http::ask(on.io(), at, std::move(what)));
}

result<http::client_answer> ask_at(const io::endpoint& at, http::client_request what) {
    auto engine = io::make_epoll_engine();
    if (!engine) return std::unexpected(std::move(engine.error()));
    io::worker worker(0, std::move(*engine));
    answered told;
    scope asking;
    asking.spawn(ask_into(worker, at, std::move(what), told));
    worker.run_until([&] { return asking.running() == 0; });
    return std::move(*told);
}

/// What the endpoint's `{"error": ...}` says, or the whole text if it is none.
std::string error_in(const std::string& body) {
    const auto told = nlohmann::json::parse(body, nullptr, false);
    if (told.is_object() && told.contains("error") && told["error"].is_string())
        return told["error"].get<std::string>();
    return body;
}

}  // namespace

void add_node_options(CLI::App& command, node_address& into) {
    command.add_option("--admin", into.admin,
                       "The node's admin endpoint, HOST:PORT or unix:PATH; default: what the file "
                       "of -f says, else 127.0.0.1:9901");
    command.add_option("-f,--file", into.file, "The node's configuration");
}

result<std::string> ask_node(const node_address& node, std::string_view method,
                             std::string_view target, std::string_view body) {
    const auto address = address_of(node);
    if (!address) return std::unexpected(address.error());
    const auto at = io::resolve(*address);
    if (!at) return fail(at.error().code, "--admin " + *address + ": " + at.error().context);

    http::client_request what{.method = std::string(method), .target = std::string(target)};
    if (method == "POST" || method == "PUT") {
        what.lines = "Content-Type: application/json\r\n";
        what.body = body;
    }
    const auto told = ask_at(*at, std::move(what));
    if (!told)
        return fail(told.error().code,
                    fmt::format("nobody answers at {} ({}): is hawser running there? --admin names "
                                "another address",
                                *address, name_of(told.error().code)));
    if (told->status / 100 == 2) return told->body;
    return fail(errc::invalid, error_in(told->body));
}

int complain(std::string_view command, std::string_view why) {
    if (!why.ends_with('\n'))
        fmt::print(stderr, "hawser {}: {}\n", command, why);
    else
        fmt::print(stderr, "hawser {}: {}", command, why);
    return exit_failed;
}

}  // namespace hawser::app
