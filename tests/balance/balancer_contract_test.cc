// SPDX-License-Identifier: Apache-2.0
// What every balancer promises. It runs for each kind of the table; a new one needs no line here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "balance/fleet_of.h"
#include "balance/kinds.h"
#include "base/limits.h"

namespace hawser::balance {
namespace {

class balancer_contract : public testing::TestWithParam<std::string_view> {
  protected:
    static std::unique_ptr<balancer> made(std::uint64_t seed = 1) {
        return choice(GetParam()).make(worker_seed{seed});
    }
};

/// The same of those that mean to give every server its share.
class balancer_contract_of_shares : public balancer_contract {};

TEST_P(balancer_contract, picks_the_only_candidate) {
    const auto one = made();
    const fleet_of servers{{"a"}};

    EXPECT_EQ(servers.picks(*one, 100).at("a"), 100);
}

TEST_P(balancer_contract, picks_only_candidates_whoever_they_are_this_time) {
    const auto one = made();
    const fleet_of servers{{"a", 1}, {"b", 7}, {"c", 2}, {"d", 256}, {"e", 1}};
    one->meet(servers.all);
    // Every subset of the five, in an order that jumps about.
    for (unsigned i = 1; i < 2000; ++i) {
        const unsigned subset = (i * 13) % 32;
        std::vector<server*> usable;
        for (unsigned n = 0; n < 5; ++n)
            if ((subset >> n & 1) != 0) usable.push_back(servers.all[n]);
        if (usable.empty()) continue;

        server& picked = one->pick({.hash = i}, usable);

        ASSERT_NE(std::ranges::find(usable, &picked), usable.end());
    }
}

TEST_P(balancer_contract_of_shares, gives_a_server_of_three_times_the_weight_three_times_as_much) {
    const auto one = made();
    const fleet_of servers{{"a", 1}, {"b", 3}};

    EXPECT_NEAR(servers.picks(*one, 40'000)["b"], 30'000, 600);
}

TEST_P(balancer_contract_of_shares, gives_equal_servers_equal_shares) {
    const auto one = made();
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};

    for (const auto& [name, times] : servers.picks(*one, 40'000))
        EXPECT_NEAR(times, 10'000, 500) << name;
}

TEST_P(balancer_contract, picks_no_server_whose_weight_became_0_while_another_has_some) {
    const auto one = made();
    const fleet_of servers{{"a", 5}, {"b", 1}, {"c", 5}};
    servers.picks(*one, 101);
    servers["a"].set_weight(0);
    servers["c"].set_weight(0);

    EXPECT_EQ(servers.picks(*one, 1000).at("b"), 1000);
}

TEST_P(balancer_contract, picks_somebody_where_nobody_has_weight) {
    const auto one = made();
    const fleet_of servers{{"a", 0}, {"b", 0}, {"c", 0}};

    int picks = 0;
    for (const auto& [name, times] : servers.picks(*one, 100)) picks += times;

    EXPECT_EQ(picks, 100);
}

TEST_P(balancer_contract, picks_the_last_one_left_at_once) {
    const auto one = made();
    fleet_of servers{};
    for (std::size_t n = 0; n < limits::servers_of_pool_max; ++n)
        servers.add({"s" + std::to_string(n)});
    one->meet(servers.all);

    for (const std::size_t left : {0uz, 500uz, 1023uz})
        for (std::uint64_t i = 0; i < 100; ++i)
            ASSERT_EQ(&one->pick({.hash = i}, candidates(servers.all).subspan(left, 1)),
                      servers.all[left])
                << "all others are out, in drain, full or tried";
}

TEST_P(balancer_contract, picks_among_servers_it_has_not_met) {
    const auto one = made();
    const fleet_of before{{"a"}, {"b"}};
    const fleet_of after{{"c"}, {"d"}, {"e"}};
    one->meet(before.all);

    for (std::uint64_t i = 0; i < 100; ++i) {
        server& picked = one->pick({.hash = i}, after.all);
        ASSERT_NE(std::ranges::find(after.all, &picked), after.all.end())
            << "a request may go on by the snapshot before";
    }
}

TEST_P(balancer_contract_of_shares, serves_as_many_servers_as_a_pool_may_have) {
    const auto one = made();
    fleet_of servers{};
    for (std::size_t n = 0; n < limits::servers_of_pool_max; ++n)
        servers.add({"s" + std::to_string(n), limits::server_weight_max});

    for (const auto& [name, times] : servers.picks(*one, 10'000)) EXPECT_LE(times, 60) << name;
}

TEST_P(balancer_contract, of_two_workers_counts_while_weights_and_loads_change) {
    const fleet_of servers{{"a", 1}, {"b", 2}, {"c", 3}};
    std::atomic<bool> is_over = false;
    std::jthread changer([&] {
        for (std::uint32_t n = 0; !is_over; ++n) servers["b"].set_weight(n % 3);
    });
    std::vector<std::jthread> workers;
    for (std::size_t worker = 0; worker < 2; ++worker)
        workers.emplace_back([&, worker] {
            const auto mine = made(worker);
            mine->meet(servers.all);
            for (std::uint64_t i = 0; i < 5'000; ++i) {
                server& picked = mine->pick({.hash = i}, servers.all);
                const upstream::request_mark mark(picked.load.of_worker(worker));
            }
        });
    workers.clear();
    is_over = true;

    for (const server* each : servers.all) EXPECT_EQ(each->in_flight(), 0u);
}

std::vector<std::string_view> kinds_of_shares() {
    auto all = kinds.names();
    std::erase(all, "first-available");
    return all;
}

std::string as_test_name(const testing::TestParamInfo<std::string_view>& each) {
    std::string name(each.param);
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(every_kind, balancer_contract, testing::ValuesIn(kinds.names()),
                         as_test_name);
INSTANTIATE_TEST_SUITE_P(every_kind, balancer_contract_of_shares,
                         testing::ValuesIn(kinds_of_shares()), as_test_name);

TEST(kinds, are_these_and_the_first_is_the_default) {
    EXPECT_EQ(kinds.names(),
              (std::vector<std::string_view>{
                  "least-connections", "first-available", "least-response-time", "least-sessions",
                  "maglev", "random", "rendezvous", "ring", "round-robin", "source-ip", "uri"}));
    EXPECT_EQ(choice().name(), "least-connections");
}

}  // namespace
}  // namespace hawser::balance
