// SPDX-License-Identifier: Apache-2.0
#include "app/command/remote.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command/command.h"
#include "app/configuration/load.h"
#include "async/scope.h"
#include "async/with.h"
#include "base/limits.h"
#include "config/variables.h"
#include "crypto/private_file.h"
#include "http/client.h"
#include "io/epoll/epoll_engine.h"
#include "io/resolve.h"
#include "io/worker.h"
#include "tls/client_context.h"
#include "tls/work_room.h"

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

/// A node as a command reaches it.
struct reached {
    io::endpoint at;
    std::string name;                                ///< that it proves over TLS
    std::shared_ptr<const tls::client_context> tls;  ///< null: in clear
};

task<result<http::client_answer>> ask_securely(io::worker& on, reached node,
                                               http::client_request what) {
    auto plain = on.io().connect(node.at);
    if (!plain) co_return std::unexpected(std::move(plain.error()));
    auto stands = co_await (*plain)->connected();
    if (!stands) co_return std::unexpected(std::move(stands.error()));
    tls::work_room room;
    auto over = node.tls->connect(std::move(*plain), room, node.name);
    auto agreed = co_await over->connected();
    if (!agreed) co_return fail(agreed.error().code, over->failure());
    co_return co_await http::ask_over(*over, std::move(what));
}

task<> ask_into(io::worker& on, reached node, http::client_request what, answered& told) {
    if (node.tls)
        told = co_await with_deadline(patience, ask_securely(on, node, std::move(what)));
    else
        told = co_await with_deadline(patience, http::ask(on.io(), node.at, std::move(what)));
}

result<http::client_answer> ask_at(reached at, http::client_request what) {
    auto engine = io::make_epoll_engine();
    if (!engine) return std::unexpected(std::move(engine.error()));
    io::worker worker(0, std::move(*engine));
    answered told;
    scope asking;
    asking.spawn(ask_into(worker, std::move(at), std::move(what), told));
    worker.run_until([&] { return asking.running() == 0; });
    return std::move(*told);
}

result<reached> reach(const std::string& address, const node_address& node) {
    static constexpr std::string_view scheme = "https://";
    const bool is_secure = address.starts_with(scheme);
    const auto place = is_secure ? address.substr(scheme.size()) : address;
    auto at = io::resolve(place);
    if (!at) return std::unexpected(std::move(at.error()));
    reached found{.at = *at, .name = {}, .tls = nullptr};
    if (!is_secure) return found;
    found.name = io::split_host_and_port(place)->host;
    std::vector<tls::fault> faults;
    found.tls = tls::client_context::make({.authorities = node.ca}, faults);
    if (!found.tls) return fail(errc::invalid, faults.front().what);
    return found;
}

/// The first line of its file, or of the environment.
result<std::string> token_of(const node_address& node) {
    if (node.token_file.empty())
        return config::from_environment("HAWSER_ADMIN_TOKEN").value_or(std::string());
    const auto text = crypto::read_private(node.token_file, limits::admin_tokens_file_max);
    if (!text) return std::unexpected(text.error());
    return std::string(text->view().substr(0, text->view().find_first_of("\r\n")));
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
    add_admin_options(command, into);
    command.add_option("-f,--file", into.file, "The node's configuration");
}

void add_admin_options(CLI::App& command, node_address& into) {
    command.add_option("--admin", into.admin,
                       "The node's admin endpoint, HOST:PORT, https://HOST:PORT or unix:PATH; "
                       "default: what the file of -f says, else 127.0.0.1:9901");
    command.add_option("--token-file", into.token_file,
                       "File of the token by which the node knows you; default: what "
                       "$HAWSER_ADMIN_TOKEN holds");
    command.add_option("--ca", into.ca,
                       "Authorities of a node that is asked over TLS; default: the system's");
}

result<std::string> ask_node(const node_address& node, std::string_view method,
                             std::string_view target, std::string_view body) {
    const auto address = address_of(node);
    if (!address) return std::unexpected(address.error());
    auto at = reach(*address, node);
    if (!at) return fail(at.error().code, "--admin " + *address + ": " + at.error().context);
    const auto token = token_of(node);
    if (!token) return fail(token.error().code, "--token-file " + token.error().context);

    http::client_request what{.method = std::string(method), .target = std::string(target)};
    if (!token->empty()) what.lines = "Authorization: Bearer " + *token + "\r\n";
    // What is asked for on the command line is meant for whatever the node serves by.
    if (method != "GET") what.lines += "If-Match: *\r\n";
    if (method == "POST" || method == "PUT") {
        what.lines += "Content-Type: application/json\r\n";
        what.body = body;
    }
    const auto told = ask_at(std::move(*at), std::move(what));
    if (!told)
        return fail(told.error().code,
                    fmt::format("nobody answers at {} ({}): is hawser running there? --admin names "
                                "another address",
                                *address, name_of(told.error().code)));
    if (told->status / 100 == 2) return told->body;
    return fail(errc::invalid, error_in(told->body));
}

void tell_warning(std::string_view command, const std::string& answer) {
    const auto told = nlohmann::json::parse(answer, nullptr, false);
    if (told.is_object() && told.contains("warning") && told["warning"].is_string())
        fmt::print(stderr, "hawser {}: {}\n", command, told["warning"].get<std::string>());
}

int complain_of_stranger(std::string_view command) {
    return complain(command, "what answers there is no hawser: --admin names another address");
}

int complain(std::string_view command, std::string_view why) {
    if (!why.ends_with('\n'))
        fmt::print(stderr, "hawser {}: {}\n", command, why);
    else
        fmt::print(stderr, "hawser {}: {}", command, why);
    return exit_failed;
}

}  // namespace hawser::app
