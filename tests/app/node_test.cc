// SPDX-License-Identifier: Apache-2.0
#include "app/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration/load.h"
#include "app/counted_allocations.h"

namespace hawser::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t servers_of_each = 4;

/// A node with so many pools, each with a route of its own.
class house {
  public:
    explicit house(std::size_t pools) : pools_(pools) {
        fs::create_directories(folder_);
        auto read = written();
        node::beginnings nothing;
        auto made = node::start(effective(std::move(*read.settings)), read.written, nothing);
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().context);
        node_ = std::move(*made);
        node_->accept();
    }
    ~house() {
        node_->drain({});
        node_.reset();
        fs::remove_all(folder_);
    }
    house(const house&) = delete;
    house& operator=(const house&) = delete;

    node& operator*() { return *node_; }
    node* operator->() { return node_.get(); }

    /// The file, as the settings of this house have it.
    [[nodiscard]] loaded written() const {
        auto read = load_text(text(), "hawser.yaml");
        EXPECT_TRUE(read.settings.has_value()) << read.problems.text();
        return read;
    }

    /// What the change of this file to the one that is there now costs.
    std::size_t reload() {
        auto read = written();
        const effective wanted(std::move(*read.settings));
        return allocations_of([&] {
            const auto changed =
                node_->change_to(wanted, parts_changed(node_->settings(), wanted), read.written);
            EXPECT_TRUE(changed.has_value()) << (changed ? "" : changed.error().context);
        });
    }

    /// What each worker serves these pools by.
    [[nodiscard]] std::vector<std::shared_ptr<proxy::pool_post>> posts() {
        std::vector<std::shared_ptr<proxy::pool_post>> all;
        node_->workers().tell(0, [&](proxy::station& at) { all = at.current()->pools; });
        return all;
    }

    std::string address = "127.0.0.1:8000";  ///< of the first server of the first pool
    std::string more_routes;
    std::string more_pools;

  private:
    static std::string address_of(std::size_t server) {
        return "127.0.0.2:" + std::to_string(8000 + server);
    }

    [[nodiscard]] std::string text() const {
        std::string pools;
        std::string routes;
        for (std::size_t pool = 0; pool < pools_; ++pool) {
            const auto name = "p" + std::to_string(pool);
            pools += "  " + name + ": {servers: {";
            for (std::size_t server = 0; server < servers_of_each; ++server)
                pools += "s" + std::to_string(server) + ": '" +
                         (pool + server == 0 ? address : address_of(server)) + "', ";
            pools += "}}\n";
            routes += "  - {host: " + name + ".example, pool: " + name + "}\n";
        }
        const auto at = folder_.string();
        return "listeners: {web: {bind: 'unix:" + at + "/web'}}\npools:\n" + pools + more_pools +
               "routes:\n" + routes + more_routes + "log: {access: 'off', errors: " + at +
               "/log}\nkeys: " + at + "/keys\nstate: " + at +
               "\nsnapshot-interval: 'off'\nworkers: 2\n"
               "sessions: {capacity: 1000, tentative-capacity: 1000}\n";
    }

    std::size_t pools_;
    fs::path folder_ = fs::temp_directory_path() / ("hawser-node-" + std::to_string(::getpid()));
    std::unique_ptr<node> node_;
};

/// Places of `after` at which something else stands than `before`.
template <typename Pointer>
std::vector<std::size_t> places_changed(const std::vector<Pointer>& before,
                                        const std::vector<Pointer>& after) {
    std::vector<std::size_t> all;
    for (std::size_t place = 0; place < after.size(); ++place)
        if (place >= before.size() || before[place] != after[place]) all.push_back(place);
    return all;
}

TEST(node, keeps_everything_that_a_reload_does_not_change) {
    house house(1000);
    const auto fleet = house->servers().current();
    const auto served = house->served();
    const auto posts = house.posts();

    house.address = "127.0.0.1:9000";
    house.reload();

    const auto& after = house->served();
    EXPECT_THAT(places_changed(fleet->pools, house->servers().current()->pools),
                testing::ElementsAre(0u));
    EXPECT_THAT(places_changed(served.pools, after.pools), testing::ElementsAre(0u));
    EXPECT_THAT(places_changed(posts, house.posts()), testing::ElementsAre(0u));
    EXPECT_EQ(served.routes, after.routes);
    EXPECT_EQ(served.listeners[0].settings, after.listeners[0].settings);
    EXPECT_EQ(served.listeners[0].traffic, after.listeners[0].traffic);

    const auto* pool = house->servers().current()->find("p0");
    EXPECT_EQ(pool->find("s0")->serial(), 1000 * servers_of_each) << "one server was made";
    for (const auto* name : {"s1", "s2", "s3"})
        EXPECT_EQ(pool->find(name), fleet->find("p0")->find(name));
    EXPECT_EQ(posts[0]->tools, house.posts()[0]->tools) << "balancer and affinity stay";
}

TEST(node, reloads_at_the_cost_of_the_change_whatever_else_there_is) {
    const auto cost_among = [](std::size_t pools) {
        house house(pools);
        house.address = "127.0.0.1:9000";
        return house.reload();
    };
    const std::size_t few = cost_among(10);
    const std::size_t many = cost_among(1000);
    EXPECT_GT(few, 0u);
    EXPECT_LT(few, 500u);
    EXPECT_LE(many, few + 10);
}

TEST(node, takes_a_pool_and_its_route_in_at_the_cost_of_these) {
    const auto cost_among = [](std::size_t pools) {
        house house(pools);
        const auto before = house->served();
        house.more_pools = "  more: {servers: {s: '127.0.0.1:1'}}\n";
        house.more_routes = "  - {host: more.example, pool: more}\n";
        const auto cost = house.reload();

        const auto& after = house->served();
        EXPECT_THAT(places_changed(before.pools, after.pools), testing::ElementsAre(pools));
        for (const auto* host : {"p0.example", "p9.example"})
            EXPECT_EQ(before.routes->of_host(host), after.routes->of_host(host));
        EXPECT_NE(after.routes->of_host("more.example"), nullptr);
        EXPECT_EQ(before.listeners[0].settings, after.listeners[0].settings);
        return cost;
    };
    const std::size_t few = cost_among(10);
    const std::size_t many = cost_among(1000);
    EXPECT_LT(few, 500u);
    EXPECT_LE(many, few + 50) << "a part of the table of hosts is copied";
}

TEST(node, makes_next_to_nothing_for_a_file_that_says_the_same) {
    house house(1000);
    const auto served = house->served();
    EXPECT_LT(house.reload(), 100u);
    EXPECT_EQ(served.pools, house->served().pools);
}

TEST(node, changes_a_server_at_run_time_at_the_cost_of_its_pool) {
    const auto cost_among = [](std::size_t pools) {
        house house(pools);
        const auto read = house.written();
        const auto before = house->served();
        const auto* server = house->servers().current()->find("p0")->find("s0");

        auto pool = house->settings().at("p0");
        pool.servers.at("s0").state = upstream::admin_state::drain;
        auto next = house->settings().without_others();
        next.lay_over("p0", std::make_shared<const app::pool>(std::move(pool)));
        const std::vector<std::string> names{"p0"};
        const auto cost = allocations_of(
            [&] { EXPECT_TRUE(house->change_servers(next, names, read.written).has_value()); });

        EXPECT_EQ(house->servers().current()->find("p0")->find("s0"), server);
        EXPECT_EQ(server->state(), upstream::admin_state::drain);
        EXPECT_THAT(places_changed(before.pools, house->served().pools), testing::ElementsAre(0u));
        return cost;
    };
    const std::size_t few = cost_among(10);
    EXPECT_LT(few, 500u);
    EXPECT_LE(cost_among(1000), few + 10);
}

TEST(node, watches_at_the_cost_of_a_snapshot) {
    house house(1000);
    const auto posts = house.posts();
    EXPECT_LT(allocations_of([&] { house->watch({}); }), 20u);
    EXPECT_EQ(posts, house.posts());
}

TEST(node, leaves_pools_in_their_places_when_others_come_and_go) {
    house house(3);
    const auto before = house->served().pools;

    house.more_pools = "  a: {servers: {s: '127.0.0.1:1'}}\n";
    house.more_routes = "  - {host: a.example, pool: a}\n";
    house.reload();
    ASSERT_EQ(house->served().pools.size(), 4u);
    EXPECT_THAT(places_changed(before, house->served().pools), testing::ElementsAre(3u));

    house.more_pools.clear();
    house.more_routes.clear();
    house.reload();
    ASSERT_EQ(house->served().pools.size(), 4u);
    EXPECT_EQ(house->served().pools[3], nullptr);
    EXPECT_EQ(house.posts()[3], nullptr);

    house.more_pools = "  b: {servers: {s: '127.0.0.1:2'}}\n";
    house.more_routes = "  - {host: b.example, pool: b}\n";
    house.reload();
    ASSERT_EQ(house->served().pools.size(), 4u);
    EXPECT_EQ(house->served().pools[3]->servers->name(), "b");
    EXPECT_EQ(house->served().listeners[0].traffic->pools.size(), 4u);
}

TEST(node, refuses_a_change_of_servers_as_a_whole) {
    house house(2);
    const auto read = house.written();
    auto pool = house->settings().at("p0");
    pool.servers.clear();
    auto next = house->settings().without_others();
    next.lay_over("p0", std::make_shared<const app::pool>(std::move(pool)));
    const std::vector<std::string> names{"p0"};
    const auto before = house->servers().current();

    EXPECT_FALSE(house->check_servers(next, names, read.written).has_value());
    EXPECT_FALSE(house->change_servers(next, names, read.written).has_value());

    EXPECT_EQ(house->servers().current(), before);
    EXPECT_EQ(house->settings().at("p0").servers.at("s0").address.text, "127.0.0.1:8000");
}

}  // namespace
}  // namespace hawser::app
