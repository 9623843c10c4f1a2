// SPDX-License-Identifier: Apache-2.0
#include "app/rebalancing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A pool of servers of these weights, and as many sessions as a test wants on each.
struct scales {
    explicit scales(std::initializer_list<std::uint32_t> weights,
                    upstream::pool_settings by = usual()) {
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
        pool = std::make_shared<const upstream::pool>("shop", by, std::move(servers));
    }

    static upstream::pool_settings usual() {
        upstream::pool_settings made;
        made.rebalance = {.is_on = true, .idle = 5min, .per_second = 10, .tolerance_percent = 20};
        return made;
    }

    upstream::server& operator[](std::size_t place) { return *pool->servers()[place]; }

    void settle(std::size_t place, std::size_t count) {
        for (std::size_t n = 0; n < count; ++n) {
            affinity::finding found{
                .key = {{++clients, clients}}, .session = {}, .carried = {}, .lapsed = {}};
            auto seen = sessions->enter(pool->id(), found, now);
            found.carried =
                sessions->claim(seen.handle, seen.home, {.home = (*this)[place].id()}, now);
            sessions->leave(seen.handle, now.steady);
            seen = sessions->enter(pool->id(), found, now);
            sessions->leave(seen.handle, now.steady);
        }
    }
    void look() { moving.look({.number = 1, .pools = {pool}}); }
    std::vector<std::uint32_t> to_give() {
        std::vector<std::uint32_t> all;
        for (const auto& each : pool->servers()) all.push_back(each->balance.to_give());
        return all;
    }
    std::string lacking() {
        std::string all;
        for (const auto& each : pool->servers())
            if (each->balance.lacks()) all += each->name();
        return all;
    }

    instant now{steady_time(1000h), wall_time(std::chrono::milliseconds(1'790'000'000'000))};
    std::uint64_t clients = 0;
    std::shared_ptr<const upstream::pool> pool;
    std::unique_ptr<registry::registry> sessions =
        registry::registry::create(
            {.capacity = 10'000, .tentative_capacity = 100, .extra_keys = 10, .lives = {}},
            now.steady)
            .value();
    rebalancing moving{*sessions};
};

using counts = std::vector<std::uint32_t>;

TEST(rebalancing, gives_from_whoever_has_more_than_its_share) {
    scales scales({1, 1, 1});
    scales.settle(0, 150);
    scales.settle(1, 150);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{5, 5, 0})) << "ten a second, of both alike";
    EXPECT_EQ(scales.lacking(), "c");
}

TEST(rebalancing, gives_never_more_than_the_surplus) {
    scales scales({1, 1});
    scales.settle(0, 8);
    scales.settle(1, 4);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{2, 0}));
}

TEST(rebalancing, gives_no_more_in_a_second_however_many_have_a_surplus) {
    auto slow = scales::usual();
    slow.rebalance.per_second = 1;
    scales scales({1, 1, 1}, slow);
    scales.settle(0, 100);
    scales.settle(1, 110);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 1, 0}));
}

TEST(rebalancing, is_content_where_it_is_even_enough) {
    scales scales({1, 1});
    scales.settle(0, 59);
    scales.settle(1, 41);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0}));
    EXPECT_TRUE(scales.moving.uneven().empty());
}

TEST(rebalancing, moves_no_part_of_a_session) {
    scales scales({1, 1});
    scales.settle(0, 1);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0}));
    EXPECT_TRUE(scales.moving.uneven().empty());
}

TEST(rebalancing, goes_by_weights) {
    scales scales({3, 1});
    scales.settle(0, 75);
    scales.settle(1, 25);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0}));
    scales.settle(1, 25);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 10}));
    EXPECT_EQ(scales.lacking(), "a");
}

TEST(rebalancing, counts_only_servers_that_take_new_sessions) {
    scales scales({1, 1, 1});
    scales.settle(0, 100);
    scales[1].set_state(upstream::admin_state::drain);
    scales[2].set_state(upstream::admin_state::maintenance);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0, 0}));
    EXPECT_EQ(scales.lacking(), "");
}

TEST(rebalancing, leaves_alone_who_stands_by) {
    scales scales({1, 1, 1});
    scales[2].set_priority(1);
    scales.settle(0, 60);
    scales.settle(1, 60);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0, 0}));
    EXPECT_EQ(scales.lacking(), "");
}

TEST(rebalancing, keeps_within_a_release) {
    const auto at = [](const char* name) { return server_id_of("shop", name); };
    auto by = scales::usual();
    by.releases = {{.name = "old", .weight = 9, .servers = {at("a"), at("b")}},
                   {.name = "new", .weight = 1, .servers = {at("c"), at("d")}}};
    for (auto& each : by.releases) std::ranges::sort(each.servers);
    scales scales({1, 1, 1, 1}, by);
    scales.settle(0, 100);
    scales.settle(1, 100);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0, 0, 0})) << "the other release is not theirs";
    EXPECT_EQ(scales.lacking(), "");

    scales.settle(2, 20);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0, 10, 0}));
    EXPECT_EQ(scales.lacking(), "d");

    scales.settle(0, 60);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{8, 0, 2, 0})) << "ten a second of all, by their surplus";
    EXPECT_EQ(scales.lacking(), "bd");
}

TEST(rebalancing, is_off_unless_the_pool_wants_it) {
    scales scales({1, 1}, {});
    scales.settle(0, 100);
    scales.look();
    EXPECT_EQ(scales.to_give(), (counts{0, 0}));
}

TEST(rebalancing, lets_anybody_go_between_two_requests_where_data_is_shared) {
    auto shared = scales::usual();
    shared.shares_data = true;
    scales scales({1, 1}, shared);
    scales.settle(0, 100);
    scales.look();
    EXPECT_TRUE(scales[0].balance.lets_go({.idle = 0s}));
    EXPECT_FALSE(scales[0].balance.lets_go({.idle = 0s, .has_tunnel = true}));
}

TEST(rebalancing, shows_where_it_is_at_work) {
    scales scales({1, 1});
    scales.settle(0, 100);
    scales.look();
    observe::exposition shown;
    collect_rebalancing(shown, {.number = 1, .pools = {scales.pool}}, scales.moving);
    EXPECT_THAT(shown.text(), HasSubstr("hawser_rebalancing{pool=\"shop\"} 1\n"));
}

}  // namespace
}  // namespace hawser::app
