// SPDX-License-Identifier: Apache-2.0
// The figures of docs/balancing.md: its tables are what this simulation prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <queue>
#include <sstream>
#include <string>

#include "balance/fleet_of.h"
#include "balance/kinds.h"
#include "balance/mix.h"

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
    if (text.size() > 3) text.insert(text.size() - 3, ",");
    return text;
}

constexpr int sessions = 10'000;
constexpr std::uint64_t addresses = 4'000;

/// A session begins each millisecond; its first request takes 1 to 9 ms, on c four times as long.
struct outcome {
    std::map<std::string, int> begun;
    std::map<std::string, std::uint32_t> most_at_once;
};

outcome simulate(std::string_view kind) {
    const fleet_of servers{{"a", 2}, {"b", 1}, {"c", 1}};
    const auto by = choice(kind).make(worker_seed{1});
    std::priority_queue<std::pair<int, server*>, std::vector<std::pair<int, server*>>,
                        std::greater<>>
        ends;
    outcome seen;
    for (int now = 0; now < sessions; ++now) {
        for (; !ends.empty() && ends.top().first <= now; ends.pop())
            ends.top().second->load.of_worker(0).in_flight.subtract();

        const std::uint64_t chance = mix(static_cast<std::uint64_t>(now) + 1);
        server& home = by->pick({.hash = chance % addresses}, servers.all);
        const int takes = static_cast<int>(1 + (chance >> 32) % 9) * (home.name() == "c" ? 4 : 1);
        home.load.of_worker(0).in_flight.add();
        ends.emplace(now + takes, &home);

        ++seen.begun[home.name()];
        auto& most = seen.most_at_once[home.name()];
        most = std::max(most, home.in_flight());
    }
    return seen;
}

std::string row_of(std::string_view kind) {
    const outcome seen = simulate(kind);
    std::string row = "| " + std::string(kind);
    for (const auto* name : {"a", "b", "c"}) row += " | " + with_separator(seen.begun.at(name));
    for (const auto* name : {"a", "b", "c"})
        row += " | " + std::to_string(seen.most_at_once.at(name));
    return row + " |\n";
}

TEST(worked_distribution, is_the_table_of_the_documentation) {
    const std::string page = documentation();
    for (const auto kind : kinds.names())
        EXPECT_NE(page.find(row_of(kind)), std::string::npos) << row_of(kind);
}

TEST(worked_distribution, of_a_server_that_is_added_is_the_sentence_of_the_documentation) {
    fleet_of servers{{"a", 2}, {"b", 1}, {"c", 1}};
    const auto by = choice("source-ip").make(worker_seed{1});
    const auto homes = [&] {
        std::vector<const server*> all;
        for (std::uint64_t client = 0; client < 10'000; ++client)
            all.push_back(&by->pick({.hash = client}, servers.all));
        return all;
    };
    const auto before = homes();
    servers.add({"d", 1});
    const auto after = homes();

    int moved = 0;
    for (std::size_t client = 0; client < before.size(); ++client) {
        if (before[client] == after[client]) continue;
        ++moved;
        ASSERT_EQ(after[client]->name(), "d");
    }
    const std::string sentence =
        "of 10,000 clients " + with_separator(moved) + " change their server, all of them to `d`";
    EXPECT_NE(documentation().find(sentence), std::string::npos) << sentence;
}

TEST(documentation, has_a_heading_for_each_kind) {
    const std::string page = documentation();
    for (const auto kind : kinds.names())
        EXPECT_NE(page.find("\n## " + std::string(kind) + "\n"), std::string::npos) << kind;
}

}  // namespace
}  // namespace hawser::balance
