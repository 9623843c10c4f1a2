// SPDX-License-Identifier: Apache-2.0
#include "upstream/load.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace hawser::upstream {
namespace {

TEST(load, sums_what_all_workers_have_in_flight) {
    load shared(3);
    const request_mark first(shared.of_worker(0));
    const request_mark second(shared.of_worker(2));

    EXPECT_EQ(shared.in_flight(), 2u);
}

TEST(load, counts_a_request_until_its_mark_goes_and_remembers_it) {
    load shared(1);
    std::optional<request_mark> mark(std::in_place, shared.of_worker(0));
    EXPECT_EQ(shared.in_flight(), 1u);

    mark.reset();

    EXPECT_EQ(shared.in_flight(), 0u);
    EXPECT_EQ(shared.totals().requests, 1u);
}

TEST(load, totals_are_sums_over_the_workers) {
    load shared(2);
    shared.of_worker(1).connections.add(4);
    shared.of_worker(1).connections.subtract();
    shared.of_worker(0).connects.add(5);

    const auto totals = shared.totals();

    EXPECT_EQ(totals.connections, 3u);
    EXPECT_EQ(totals.connects, 5u);
}

TEST(load, workers_share_no_cache_line) {
    load shared(2);

    const auto* first = reinterpret_cast<const std::byte*>(&shared.of_worker(0));
    const auto* second = reinterpret_cast<const std::byte*>(&shared.of_worker(1));

    EXPECT_GE(second - first, 128);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 128, 0u);
}

TEST(load, loses_no_count_while_others_read) {
    constexpr std::size_t workers = 4;
    load shared(workers);
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (int i = 0; i < 10'000; ++i) {
                const request_mark mark(shared.of_worker(worker));
                EXPECT_GE(shared.in_flight(), 1u);
            }
        });
    threads.clear();

    EXPECT_EQ(shared.in_flight(), 0u);
    EXPECT_EQ(shared.totals().requests, workers * 10'000);
}

TEST(session_count, takes_no_more_than_there_may_be) {
    session_count some(2);
    EXPECT_TRUE(some.take());
    EXPECT_FALSE(some.is_full());
    EXPECT_TRUE(some.take());
    EXPECT_TRUE(some.is_full());
    EXPECT_FALSE(some.take());
    some.subtract();
    EXPECT_TRUE(some.take());
    some.set_maximum(0);
    EXPECT_TRUE(some.take()) << "there is no limit any more";
    some.set_maximum(1);
    EXPECT_TRUE(some.is_full()) << "it sends nobody away";
    EXPECT_EQ(some.read(), 3u);
}

TEST(session_count, corrected_keeps_what_was_bound_meanwhile) {
    session_count some(10);
    some.set(5);
    const auto before = some.read();
    EXPECT_TRUE(some.take());
    some.correct(before, 3);
    EXPECT_EQ(some.read(), 4u) << "three, and the one that came since";
}

TEST(session_count, never_exceeds_its_limit_across_threads) {
    session_count some(1000);
    std::atomic<int> taken = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 1000; ++round)
                if (some.take()) ++taken;
        });
    threads.clear();
    EXPECT_EQ(taken, 1000);
    EXPECT_EQ(some.read(), 1000u);
}

TEST(failure, has_the_name_that_metrics_show) {
    EXPECT_EQ(name_of(failure::connect), "connect");
    EXPECT_EQ(name_of(failure::no_answer), "no-answer");
    EXPECT_EQ(name_of(failure::timed_out), "timed-out");
    EXPECT_EQ(name_of(failure::status), "status");
    EXPECT_EQ(name_of(failure::cut), "cut");
}

TEST(load_death, a_worker_that_does_not_exist_is_a_broken_invariant) {
    load shared(2);

    EXPECT_DEATH((void)shared.of_worker(2), "number of workers");
}

}  // namespace
}  // namespace hawser::upstream
