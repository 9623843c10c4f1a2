// SPDX-License-Identifier: Apache-2.0
// `hawser check --against-running` and `--dump --admin`: a configuration and the node that runs.

#include "app/command/running.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command/command.h"
#include "app/command/movement.h"
#include "app/difference.h"
#include "app/machine.h"
#include "config/json_reader.h"
#include "config/write.h"

namespace hawser::app {

namespace {

using config::node;
using nlohmann::json;

/// So many names fit a request's first line.
constexpr std::size_t servers_asked_at_once = 80;

std::optional<node> parse(const std::string& text) {
    config::diagnostics problems;
    auto tree = config::parse_json(text, "answer", problems);
    if (problems.has_errors() || !tree.is_map()) return std::nullopt;
    return tree;
}

template <typename Node>
Node* find(Node& tree, std::initializer_list<std::string_view> path) {
    Node* at = &tree;
    for (const auto key : path)
        if (at != nullptr) at = at->find(key);
    return at;
}

bool is_in_maintenance(const node& server) {
    const auto* state = server.find("state");
    return state != nullptr && state->text() == "maintenance";
}

/// By pool, the servers whose sessions would have to go, as POOL/SERVER.
std::map<std::string, std::vector<std::string>> abandoned(const node& before, const node& after) {
    std::map<std::string, std::vector<std::string>> all;
    const auto* pools = before.find("pools");
    if (pools == nullptr) return all;
    for (const auto& pool : pools->entries()) {
        const auto* servers = pool.value.find("servers");
        if (servers == nullptr) continue;
        for (const auto& server : servers->entries()) {
            const auto* next = find(after, {"pools", pool.key, "servers", server.key});
            if (next == nullptr || (is_in_maintenance(*next) && !is_in_maintenance(server.value)))
                all[pool.key].push_back(pool.key + "/" + server.key);
        }
    }
    return all;
}

/// Asks of the servers of one pool, in several requests what one would be too long for.
result<> add_movement(const node_address& asked, const std::vector<std::string>& servers,
                      hawser::admin::movement& sum) {
    for (std::size_t begin = 0; begin < servers.size(); begin += servers_asked_at_once) {
        const auto end = std::min(servers.size(), begin + servers_asked_at_once);
        const auto target = fmt::format("/v1/impact?servers={}",
                                        fmt::join(servers.begin() + std::ptrdiff_t(begin),
                                                  servers.begin() + std::ptrdiff_t(end), ","));
        const auto told = ask_node(asked, "GET", target);
        if (!told) return std::unexpected(told.error());
        const auto found = read_movement(*told);
        sum.with_tunnel += found.with_tunnel;
        sum.active += found.active;
        sum.idle += found.idle;
        sum.tentative += found.tentative;
        if (begin == 0) sum.of += found.of;
    }
    return {};
}

std::string mark_of(const json& set) {
    return fmt::format("set at run time by {} at {}; the file says {}", set.value("who", ""),
                       set.value("when", ""),
                       set.value("file", "").empty() ? "nothing" : set.value("file", ""));
}

}  // namespace

int compare_with_running(const loaded& read, const node_address& asked) {
    const auto told = ask_node(asked, "GET", "/v1/configuration");
    if (!told) return complain("check", told.error().context);
    const auto running = parse(*told);
    auto settings = *read.settings;
    if (settings.workers.number == 0) settings.workers.number = usable_processors();  // as `run`
    const auto mine = parse(config::to_json(config::codec<configuration>::show(settings)));
    const auto* written = running ? running->find("written") : nullptr;
    if (written == nullptr || !mine) return complain_of_stranger("check");
    const auto lines = differences(*written, *mine);
    for (const auto& each : lines) fmt::print("{}\n", each);
    if (lines.empty()) fmt::print("nothing would change\n");
    hawser::admin::movement moved;
    for (const auto& [pool, servers] : abandoned(*written, *mine))
        if (const auto added = add_movement(asked, servers, moved); !added)
            return complain("check", added.error().context);
    fmt::print("{}\n", text_of(moved));
    return exit_fine;
}

int dump_running(const node_address& asked) {
    const auto told = ask_node(asked, "GET", "/v1/configuration");
    if (!told) return complain("check", told.error().context);
    const auto set = ask_node(asked, "GET", "/v1/overrides");
    if (!set) return complain("check", set.error().context);
    auto running = parse(*told);
    const auto all = json::parse(*set, nullptr, false);
    auto* effective = running ? running->find("effective") : nullptr;
    if (effective == nullptr || !all.is_object() || !all.contains("overrides"))
        return complain_of_stranger("check");
    std::string removed;
    for (const auto& each : all["overrides"]) {
        const auto field = each.value("field", "");
        const auto pool = each.value("pool", "");
        const auto server = each.value("server", "");
        const auto key = field == "added" ? std::string("address") : field;
        if (auto* value = find(*effective, {"pools", pool, "servers", server, key}))
            value->note(mark_of(each));
        else
            removed += fmt::format("# {}/{}: {}, {}\n", pool, server, field, mark_of(each));
    }
    fmt::print("{}{}", config::to_yaml(*effective), removed);
    return exit_fine;
}

}  // namespace hawser::app
