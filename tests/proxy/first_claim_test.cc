// SPDX-License-Identifier: Apache-2.0
// Where first requests go that one client sends at once, with a key and without.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "affinity/header.h"
#include "proxy/shop.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

affinity::choice header(std::string name) {
    return {affinity::choice("header").chosen(),
            std::make_shared<const affinity::header::settings>(
                affinity::header::settings{.name = std::move(name)})};
}

/// A shop where requests take a second, so that those that are sent at once are under way at once.
class rush final : public shop {
  public:
    explicit rush(sim::world& world) : shop(world) {
        for (const auto* name : {"blue", "green", "red"}) {
            lab::server(name).thinks_for = 1s;
            known(name).places.set_maximum(64);
        }
    }

    void join_firsts(bool by_agent = true) {
        pool.first_claim = {.by_address = true, .by_agent = by_agent, .lasting = 2s};
        publish();
    }

    /// Who serves so many requests with these fields that come at once.
    task<std::vector<std::string>> serve(std::vector<std::string> fields) {
        std::deque<visitor> clients;
        for (const auto& each : fields)
            clients.emplace_back().sends_raw("GET / HTTP/1.1\r\nHost: shop.example\r\n" + each +
                                             "\r\n");
        co_await visit_together(clients);
        std::vector<std::string> servers;
        marks.clear();
        for (const auto& each : clients) {
            take(each, {});
            servers.push_back(server);
            marks.push_back(mark);
        }
        co_return servers;
    }
    static std::vector<std::string> so_many(std::string field, std::size_t count = 6) {
        return std::vector<std::string>(count, std::move(field));
    }
    std::size_t servers_of(const std::vector<std::string>& servers) {
        return std::set(servers.begin(), servers.end()).size();
    }

    std::vector<std::string> marks;
};

SIM_TEST(first_claim, with_a_key_all_of_a_session_go_to_one_server) {
    rush shop(world);
    shop.affinities = {header("X-Session")};
    shop.publish();
    const auto servers = co_await shop.serve(rush::so_many("X-Session: 4711\r\n"));
    EXPECT_EQ(shop.servers_of(servers), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(first_claim, without_a_key_each_is_a_session_of_its_own) {
    rush shop(world);
    const auto servers = co_await shop.serve(rush::so_many("User-Agent: x\r\n"));
    EXPECT_EQ(shop.servers_of(servers), 3u);
    co_await shop.close();
}

SIM_TEST(first_claim, joins_those_of_one_client) {
    rush shop(world);
    shop.join_firsts();
    const auto servers = co_await shop.serve(rush::so_many("User-Agent: x\r\n"));
    EXPECT_EQ(shop.servers_of(servers), 1u);
    EXPECT_EQ(std::set(shop.marks.begin(), shop.marks.end()).size(), 6u) << "each has its own mark";
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(first_claim, joins_nobody_who_differs_in_what_counts) {
    rush shop(world);
    shop.join_firsts();
    std::vector<std::string> fields;
    for (const auto* agent : {"a", "b", "c", "d", "e", "f"})
        fields.push_back("User-Agent: " + std::string(agent) + "\r\n");
    EXPECT_EQ(shop.servers_of(co_await shop.serve(fields)), 3u);
    shop.join_firsts(false);
    EXPECT_EQ(shop.servers_of(co_await shop.serve(fields)), 1u);
    co_await shop.close();
}

SIM_TEST(first_claim, lasts_no_longer_than_it_should) {
    rush shop(world);
    shop.join_firsts();
    std::set<std::string> servers;
    for (int i = 0; i < 4; ++i) {
        servers.insert((co_await shop.serve(rush::so_many("", 1)))[0]);
        EXPECT_TRUE((co_await sleep_for(2s)).has_value());
    }
    EXPECT_EQ(servers.size(), 3u);
    co_await shop.close();
}

SIM_TEST(first_claim, goes_elsewhere_together_where_its_server_cannot_have_it) {
    rush shop(world);
    shop.join_firsts();
    const auto first = (co_await shop.serve(rush::so_many("", 1)))[0];
    EXPECT_TRUE(shop.known(first).health.take_down());
    const auto servers = co_await shop.serve(rush::so_many("", 6));
    EXPECT_EQ(shop.servers_of(servers), 1u);
    EXPECT_NE(servers[0], first);
    co_await shop.close();
}

SIM_TEST(first_claim, marks_that_lose_are_superseded_once_one_comes_back) {
    rush shop(world);
    shop.join_firsts();
    co_await shop.serve(rush::so_many("User-Agent: x\r\n"));
    EXPECT_EQ(shop.sessions().counts().tentative, 6u);
    const std::string kept = shop.marks[3];
    const std::string other = shop.marks[0];
    co_await shop.serve({"User-Agent: x\r\nCookie: " + kept + "\r\n"});
    EXPECT_EQ(shop.told, "hit");
    const auto counts = shop.sessions().counts();
    EXPECT_EQ(counts.established, 1u);
    EXPECT_EQ(counts.tentative, 0u);
    const auto& ends = counts.find(pool_id_of("shop"))->since_start.tentative_ends;
    EXPECT_EQ(ends[std::size_t(registry::end_cause::superseded)], 5u);

    // One that comes all the same loses nothing.
    co_await shop.serve({"User-Agent: x\r\nCookie: " + other + "\r\n"});
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(first_claim, agreed_is_the_same_on_every_node_and_spreads) {
    std::vector<std::vector<std::string>> homes(2);
    for (auto& on_this_node : homes) {
        rush shop(world);
        shop.pool.agrees = true;
        shop.join_firsts();
        if (&on_this_node == &homes[1]) co_await shop.serve(rush::so_many("User-Agent: z\r\n", 1));
        for (const auto* agent : {"a", "b", "c", "d", "e", "f", "g", "h"})
            on_this_node.push_back((co_await shop.serve(
                rush::so_many("User-Agent: " + std::string(agent) + "\r\n", 2)))[1]);
        co_await shop.close();
    }
    EXPECT_EQ(homes[0], homes[1]);
    EXPECT_GT(std::set(homes[0].begin(), homes[0].end()).size(), 1u);
}

SIM_TEST(first_claim, agreed_places_by_a_key_that_is_shown) {
    std::vector<std::vector<std::string>> homes(2);
    for (auto& on_this_node : homes) {
        rush shop(world);
        shop.affinities = {header("X-Session")};
        shop.pool.agrees = true;
        shop.publish();
        if (&on_this_node == &homes[1]) co_await shop.serve(rush::so_many("X-Session: z\r\n", 1));
        for (const auto* key : {"a", "b", "c", "d", "e", "f", "g", "h"})
            on_this_node.push_back(
                (co_await shop.serve({"X-Session: " + std::string(key) + "\r\n"}))[0]);
        co_await shop.close();
    }
    EXPECT_EQ(homes[0], homes[1]);
    EXPECT_GT(std::set(homes[0].begin(), homes[0].end()).size(), 1u);
}

}  // namespace
}  // namespace hawser::proxy
