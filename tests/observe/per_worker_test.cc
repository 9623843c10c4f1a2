// SPDX-License-Identifier: Apache-2.0
#include "observe/per_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "observe/counter.h"

namespace hawser::observe {
namespace {

struct block {
    counter hits;
};

std::uint64_t hits_of(const per_worker<block>& row) {
    return row.sum([](const block& each) { return each.hits.value(); });
}

TEST(per_worker, gives_each_worker_a_cache_line_of_its_own) {
    per_worker<block> row(2);
    const auto* first = reinterpret_cast<const char*>(&row.of(0));
    const auto* second = reinterpret_cast<const char*>(&row.of(1));
    EXPECT_GE(second - first, 64);
}

TEST(per_worker, is_read_while_every_worker_counts) {
    constexpr std::uint64_t each = 100'000;
    per_worker<block> row(3);
    std::vector<std::thread> workers;
    workers.reserve(3);
    for (std::size_t worker = 0; worker < 3; ++worker)
        workers.emplace_back([&row, worker] {
            for (std::uint64_t count = 0; count < each; ++count) row.of(worker).hits.add();
        });
    std::uint64_t seen = 0;
    for (int look = 0; look < 100; ++look) {
        const auto now = hits_of(row);
        EXPECT_GE(now, seen);
        seen = now;
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(hits_of(row), 3 * each);
}

TEST(counter_table, keeps_the_counts_of_what_the_next_snapshot_names_too) {
    counter_table<block, 1> pools(1);
    auto before = pools.at({"shop"});
    before->of(0).hits.add(7);
    const auto after = pools.at({"shop"});
    before.reset();
    EXPECT_EQ(hits_of(*after), 7u);
}

TEST(counter_table, forgets_what_no_snapshot_names) {
    counter_table<block, 2> pools(1);
    pools.at({"web", "gone"})->of(0).hits.add(7);
    const auto stays = pools.at({"web", "stays"});

    std::vector<std::string> seen;
    pools.for_each([&](const auto& names, const auto&) { seen.push_back(names[1]); });
    EXPECT_EQ(seen, std::vector<std::string>{"stays"});
    const auto anew = pools.at({"web", "gone"});
    EXPECT_EQ(hits_of(*anew), 0u);
}

}  // namespace
}  // namespace hawser::observe
