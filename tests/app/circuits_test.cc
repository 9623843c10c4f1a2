// SPDX-License-Identifier: Apache-2.0
#include "app/circuits.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

struct judged_pool {
    explicit judged_pool(unsigned percent = 50) {
        by.limits.error_percent = percent;
        by.limits.window_requests = 10;
        for (const auto* name : {"a", "b"}) add(name);
        look();
    }

    void add(const std::string& name) {
        servers.push_back(std::make_shared<upstream::server>(
            "shop",
            upstream::server_description{.name = name,
                                         .address = io::endpoint::parse("192.0.2.1:80").value()},
            1, std::uint32_t(servers.size())));
    }
    /// The last server has had so many requests.
    void serve(std::uint64_t all, std::uint64_t failed) {
        auto& outcomes = servers.back()->load.of_worker(0).outcomes;
        outcomes.all.add(all);
        outcomes.failed.add(failed);
    }
    void look(steady_time::duration later = 10s) {
        now.steady += later;
        pool = std::make_shared<const upstream::pool>("shop", by, servers, crowd);
        judge.look({.number = 1, .pools = {pool}}, now);
    }
    [[nodiscard]] bool is_closed() const { return crowd->circuit.is_up(); }

    upstream::pool_settings by;
    std::vector<std::shared_ptr<upstream::server>> servers;
    std::shared_ptr<upstream::crowd> crowd = std::make_shared<upstream::crowd>();
    std::shared_ptr<const upstream::pool> pool;
    circuits judge;
    instant now{.steady = steady_time(1h), .wall = wall_time(1h)};
};

TEST(circuits, open_when_so_large_a_share_of_a_window_failed) {
    judged_pool shop;
    shop.serve(20, 9);
    shop.look();
    EXPECT_TRUE(shop.is_closed());
    shop.serve(20, 10);
    shop.look();
    EXPECT_FALSE(shop.is_closed());
    EXPECT_FALSE(shop.crowd->circuit.is_trial_due(shop.now.steady + 9s));
    EXPECT_TRUE(shop.crowd->circuit.is_trial_due(shop.now.steady + 10s));
}

TEST(circuits, judge_each_window_by_itself_and_none_before_its_end) {
    judged_pool shop;
    shop.serve(20, 20);
    shop.look(5s);
    EXPECT_TRUE(shop.is_closed());
    shop.serve(100, 0);
    shop.look(5s);
    EXPECT_TRUE(shop.is_closed()) << "20 of 120";
    shop.serve(20, 20);
    shop.look();
    EXPECT_FALSE(shop.is_closed());
}

TEST(circuits, judge_nobody_by_few_requests_or_by_what_was_before) {
    judged_pool shop;
    shop.serve(9, 9);
    shop.look();
    EXPECT_TRUE(shop.is_closed());
    shop.add("c");
    shop.serve(1000, 1000);
    shop.look();
    EXPECT_TRUE(shop.is_closed()) << "it was not there when the window began";
}

TEST(circuits, close_when_the_rule_is_taken_away) {
    judged_pool shop;
    shop.serve(20, 20);
    shop.look();
    EXPECT_FALSE(shop.is_closed());
    shop.by.limits.error_percent = 0;
    shop.look();
    EXPECT_TRUE(shop.is_closed());
}

TEST(circuits, are_told_in_the_metrics) {
    judged_pool shop;
    shop.serve(20, 20);
    shop.look();
    observe::exposition shown;
    shop.judge.collect({.number = 1, .pools = {shop.pool}}, shown);
    const auto text = shown.text();
    EXPECT_NE(text.find("hawser_circuit_open{pool=\"shop\"} 1"), text.npos) << text;
    EXPECT_NE(text.find("hawser_circuit_openings_total{pool=\"shop\"} 1"), text.npos) << text;
}

}  // namespace
}  // namespace hawser::app
