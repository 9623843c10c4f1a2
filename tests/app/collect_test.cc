// SPDX-License-Identifier: Apache-2.0
#include "app/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"

namespace hawser::app {
namespace {

using testing::HasSubstr;

std::shared_ptr<const upstream::pool> pool_of(std::initializer_list<std::uint32_t> weights,
                                              const upstream::pool_settings& by = {}) {
    std::vector<std::shared_ptr<upstream::server>> servers;
    for (const auto weight : weights) {
        const auto number = std::uint32_t(servers.size());
        servers.push_back(std::make_shared<upstream::server>(
            "shop",
            upstream::server_description{.name = std::string(1, char('a' + number)),
                                         .address = io::endpoint::parse("192.0.2.1:80").value(),
                                         .weight = weight},
            1, number));
    }
    return std::make_shared<const upstream::pool>("shop", by, std::move(servers));
}

registry::pool_sessions sessions_of(const upstream::pool& pool,
                                    std::initializer_list<std::uint64_t> established) {
    registry::pool_sessions told;
    told.pool = pool.id();
    std::size_t place = 0;
    for (const auto count : established)
        told.servers.push_back({pool.servers()[place++]->id(), count, 0});
    return told;
}

TEST(collect, calls_an_even_spread_1) {
    const auto pool = pool_of({1, 3});
    EXPECT_DOUBLE_EQ(skew_of(*pool, sessions_of(*pool, {10, 30})), 1.0);
    EXPECT_DOUBLE_EQ(skew_of(*pool, sessions_of(*pool, {})), 1.0);
}

TEST(collect, shows_how_far_the_busiest_server_is_above_its_share) {
    const auto pool = pool_of({1, 1, 1, 1});
    EXPECT_DOUBLE_EQ(skew_of(*pool, sessions_of(*pool, {20, 20, 20, 60})), 2.0);
}

TEST(collect, compares_servers_with_those_of_their_release) {
    upstream::pool_settings by;
    by.releases = {{.name = "old", .weight = 9, .servers = {server_id_of("shop", "a")}},
                   {.name = "new", .weight = 1, .servers = {server_id_of("shop", "b")}}};
    const auto pool = pool_of({1, 1}, by);
    EXPECT_DOUBLE_EQ(skew_of(*pool, sessions_of(*pool, {90, 10})), 1.0);
    EXPECT_DOUBLE_EQ(spread_of(*pool, sessions_of(*pool, {90, 10})), 0.0);
}

TEST(collect, shows_how_far_servers_are_from_their_shares) {
    const auto pool = pool_of({1, 1, 0});
    EXPECT_DOUBLE_EQ(spread_of(*pool, sessions_of(*pool, {30, 10, 0})), 0.5);
    EXPECT_DOUBLE_EQ(spread_of(*pool, sessions_of(*pool, {20, 20, 0})), 0.0);
    EXPECT_DOUBLE_EQ(spread_of(*pool, sessions_of(*pool, {})), 0.0);
}

TEST(collect, shows_each_server_in_one_state) {
    upstream::snapshot servers{.number = 1, .pools = {pool_of({1})}};
    servers.pools[0]->servers()[0]->set_state(upstream::admin_state::drain);
    const auto sessions = registry::registry::create(
        {.capacity = 10, .tentative_capacity = 10, .extra_keys = 10, .lives = {}},
        read_clocks().steady);
    const drains leaving(**sessions, [](const auto&, const auto&) {});
    observe::exposition shown;
    collect_servers(shown, servers, leaving);
    EXPECT_THAT(
        shown.text(),
        HasSubstr("hawser_server_state{pool=\"shop\",server=\"a\",state=\"ready\"} 0\n"
                  "hawser_server_state{pool=\"shop\",server=\"a\",state=\"drain\"} 1\n"
                  "hawser_server_state{pool=\"shop\",server=\"a\",state=\"drained\"} 0\n"
                  "hawser_server_state{pool=\"shop\",server=\"a\",state=\"maintenance\"} 0\n"
                  "hawser_server_state{pool=\"shop\",server=\"a\",state=\"down\"} 0\n"));
}

TEST(collect, counts_lifetimes_in_seconds) {
    const auto pool = pool_of({1});
    registry::report told;
    told.pools.push_back(sessions_of(*pool, {1}));
    told.pools[0].since_start.lifetimes.add(100);  // 64 to below 128 seconds
    observe::exposition shown;
    collect_sessions(shown, {.number = 1, .pools = {pool}}, told, {});
    EXPECT_THAT(shown.text(), HasSubstr("le=\"64\"} 0\n"));
    EXPECT_THAT(shown.text(), HasSubstr("le=\"128\"} 1\n"));
}

TEST(collect, counts_idle_sessions_up_to_each_bound) {
    const auto pool = pool_of({1});
    const steady_time now{std::chrono::hours(1)};
    const auto sessions = *registry::registry::create(
        {.capacity = 10, .tentative_capacity = 10, .extra_keys = 10, .lives = {}}, now);
    affinity::finding found{.key = {{1, 2}}, .session = {}, .carried = {}, .lapsed = {}};
    for (int request = 0; request < 2; ++request)  // so that it is established
        sessions->leave(sessions->enter(pool->id(), found, {now, wall_time()}).handle, now);
    registry::idle_question idle;
    while (!idle.advance(*sessions, now + std::chrono::seconds(100))) {
    }
    observe::exposition shown;
    collect_sessions(shown, {.number = 1, .pools = {pool}}, {}, idle);
    const std::string name = "hawser_session_idle_seconds_bucket{pool=\"shop\",le=";
    EXPECT_THAT(shown.text(), HasSubstr(name + "\"64\"} 0\n"));
    EXPECT_THAT(shown.text(), HasSubstr(name + "\"128\"} 1\n"));
    EXPECT_THAT(shown.text(), HasSubstr(name + "\"+Inf\"} 1\n"));
}

}  // namespace
}  // namespace hawser::app
