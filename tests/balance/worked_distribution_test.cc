// SPDX-License-Identifier: Apache-2.0
// The figures of docs/balancing.md: its tables are what this simulation prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "balance/consistent.h"
#include "balance/fleet_of.h"
#include "balance/kinds.h"
#include "balance/mix.h"
#include "balance/random.h"

namespace hawser::balance {
namespace {

/// Read from beside the build's folder, wherever the test is started.
std::string documentation() {
    for (auto at = std::filesystem::read_symlink("/proc/self/exe"); at != at.root_path();
         at = at.parent_path()) {
        std::ifstream page(at / "docs/balancing.md");
        if (page) return (std::ostringstream() << page.rdbuf()).str();
    }
    return "docs/balancing.md was not found";
}

std::string with_separator(int number) {
    std::string text = std::to_string(number);
    for (auto at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

constexpr int sessions = 1'000'000;
constexpr int sessions_of_a_millisecond = 10;
constexpr std::uint64_t addresses = 400'000;
constexpr std::size_t servers_count = 3;

struct outcome {
    std::array<int, servers_count> begun{};
    std::array<std::uint32_t, servers_count> most_at_once{};
};

/// Ten sessions begin each millisecond; the first request of each takes 1 to 9 ms, on c four times
/// as long.
outcome simulate(const choice& kind) {
    const fleet_of servers{{"a", 2}, {"b", 1}, {"c", 1}};
    const auto by = kind.make(worker_seed{1});
    by->meet(servers.all);
    constexpr int slowest = 36;
    struct request {
        std::size_t place;
        std::chrono::milliseconds took;
    };
    std::array<std::vector<request>, slowest + 1> ends;  // by the millisecond in which they do
    outcome seen;
    for (int session = 0; session < sessions; ++session) {
        const int now = session / sessions_of_a_millisecond;
        const steady_time moment{std::chrono::hours(1) + std::chrono::milliseconds(now)};
        auto& ended = ends[static_cast<std::size_t>(now % (slowest + 1))];
        for (const auto& [place, took] : ended) {
            auto& load = servers.all[place]->load.of_worker(0);
            load.in_flight.subtract();
            load.response.note(took, moment);
        }
        ended.clear();
        const std::uint64_t chance = mix(static_cast<std::uint64_t>(session) + 1);
        const request_key key{.hash = chance % addresses, .now = moment};
        server& home = by->pick(key, servers.all);
        if (by->wants().sessions) home.sessions.add();
        const auto place =
            static_cast<std::size_t>(std::ranges::find(servers.all, &home) - servers.all.begin());
        const bool is_ill = place == 2;
        const int takes = static_cast<int>(1 + (chance >> 32) % 9) * (is_ill ? 4 : 1);
        ends[static_cast<std::size_t>((now + takes) % (slowest + 1))].push_back(
            {place, std::chrono::milliseconds(takes)});
        servers.all[place]->load.of_worker(0).in_flight.add();

        ++seen.begun[place];
        auto& most = seen.most_at_once[place];
        most = std::max(most, home.in_flight());
    }
    return seen;
}

std::string row_of(std::string_view name, const choice& kind) {
    const outcome seen = simulate(kind);
    std::string row = "| " + std::string(name);
    for (const int begun : seen.begun) row += " | " + with_separator(begun);
    for (const auto most : seen.most_at_once) row += " | " + std::to_string(most);
    return row + " |\n";
}

template <typename Settings>
choice with(std::string_view kind, Settings settings) {
    return choice(*kinds.find(kind), std::make_shared<const Settings>(std::move(settings)));
}

TEST(worked_distribution, is_the_table_of_the_documentation) {
    std::string table;
    for (const auto kind : kinds.names()) table += row_of(kind, choice(kind));
    table += row_of("random, 1 choice", with("random", random::settings{.choices = 1}));
    const consistent_settings bounded{.headroom = headroom(config::percentage{25})};
    table += row_of("maglev, headroom 25%", with("maglev", bounded));

    EXPECT_NE(documentation().find(table), std::string::npos) << table;
}

constexpr std::uint64_t moving_keys = 10'000;

std::vector<const server*> homes(balancer& by, candidates usable, steady_time now = {}) {
    std::vector<const server*> all;
    for (std::uint64_t key = 0; key < moving_keys; ++key)
        all.push_back(&by.pick({.hash = key, .now = now}, usable));
    return all;
}

std::string moves(const std::vector<const server*>& before,
                  const std::vector<const server*>& after) {
    int moved = 0;
    for (std::size_t key = 0; key < moving_keys; ++key) moved += before[key] != after[key] ? 1 : 0;
    return " | " + with_separator(moved);
}

TEST(worked_distribution, of_servers_that_come_and_go_is_the_second_table_of_the_documentation) {
    std::string table;
    for (const auto* kind : {"rendezvous", "ring", "maglev"}) {
        fleet_of servers{{"a", 2}, {"b", 1}, {"c", 1}};
        const auto by = choice(kind).make(worker_seed{1});
        by->meet(servers.all);
        const auto before = homes(*by, servers.all);
        table += "| " + std::string(kind);
        table += moves(before, homes(*by, candidates(servers.all).first(2)));
        servers["a"].set_weight(3);
        table += moves(before, homes(*by, servers.all, steady_time(std::chrono::seconds(1))));
        servers["a"].set_weight(2);
        servers.add({"d", 1});
        by->meet(servers.all);
        table += moves(before, homes(*by, servers.all)) + " |\n";
    }
    EXPECT_NE(documentation().find(table), std::string::npos) << table;
}

TEST(documentation, has_a_heading_for_each_kind) {
    const std::string page = documentation();
    for (const auto kind : kinds.names())
        EXPECT_NE(page.find("\n## " + std::string(kind) + "\n"), std::string::npos) << kind;
}

}  // namespace
}  // namespace hawser::balance
