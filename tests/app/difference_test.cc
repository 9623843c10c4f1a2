// SPDX-License-Identifier: Apache-2.0
#include "app/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app/configuration/load.h"
#include "base/hash.h"

namespace hawser::app {
namespace {

configuration with(const std::string& servers, const std::string& more = {}) {
    const auto read = load_text(
        "listeners: {web: {bind: ':8080'}}\nroutes: [{pool: shop}]\n"
        "pools: {shop: {servers: {" +
            servers + "}}}\n" + more,
        "hawser.yaml");
    EXPECT_TRUE(read.settings) << read.problems.text();
    return read.settings.value_or(configuration());
}

std::vector<std::string> between(const configuration& before, const configuration& after) {
    return differences(config::codec<configuration>::show(before),
                       config::codec<configuration>::show(after));
}

std::vector<hawser::admin::abandoned> left_by(const effective& before, const effective& after) {
    return abandoned_by(before, after, parts_changed(before, after).pools);
}

TEST(difference, is_told_down_to_the_value) {
    const auto before = with("a: 10.0.0.1:80, b: 10.0.0.2:80");
    EXPECT_TRUE(between(before, before).empty());
    EXPECT_THAT(between(before, with("a: {address: 10.0.0.1:80, weight: 3}, c: 10.0.0.3:80",
                                     "sessions: {idle-timeout: 20m}\n")),
                testing::UnorderedElementsAre(
                    "pools.shop.servers.a.weight: 1 -> 3", "pools.shop.servers.b: removed",
                    "pools.shop.servers.c: added", "sessions.idle-timeout: 30m -> 20m",
                    "pools.shop.affinity: changed"));  // whose cookie goes by that timeout
}

TEST(difference, of_a_list_is_one_thing) {
    auto after = with("a: 10.0.0.1:80");
    const auto before = after;
    after.admin.allowed_hosts = {"ops.example"};
    EXPECT_THAT(between(before, after), testing::ElementsAre("admin.allowed-hosts: changed"));
}

TEST(difference, sends_sessions_away_from_servers_that_go_or_rest) {
    const auto before =
        with("a: 10.0.0.1:80, b: 10.0.0.2:80, c: {address: 10.0.0.3:80, state: maint}");
    const auto left =
        left_by(before, with("b: {address: 10.0.0.9:80, state: maint}, c: {address: 10.0.0.3:80, "
                             "state: maint}, d: 10.0.0.4:80"));
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].server, server_id_of("shop", "a"));
    EXPECT_EQ(left[1].server, server_id_of("shop", "b"));
    EXPECT_EQ(left[1].pool, pool_id_of("shop"));
}

TEST(difference, lets_sessions_stay_where_a_server_drains_or_moves) {
    const auto before = with("a: 10.0.0.1:80, b: 10.0.0.2:80");
    EXPECT_TRUE(left_by(before, with("a: {address: 10.0.0.1:80, state: drain, weight: 0}, "
                                     "b: 10.0.0.7:80"))
                    .empty());
}

TEST(difference, sends_all_sessions_of_a_pool_away_that_is_gone) {
    auto before = with("a: 10.0.0.1:80, b: 10.0.0.2:80");
    before.pools["spare"] = before.pools["shop"];
    const auto left = left_by(before, with("a: 10.0.0.1:80, b: 10.0.0.2:80"));
    EXPECT_EQ(left.size(), 2u);
    EXPECT_EQ(left.front().pool, pool_id_of("spare"));
}

TEST(difference, names_the_parts_that_come_change_or_go_and_no_others) {
    const auto pools = [](const std::string& all) {
        return "listeners: {web: {bind: ':8080'}}\nroutes: [{pool: shop}]\npools:\n"
               "  {shop: {servers: {a: 10.0.0.1:80}}" +
               all + "}\n";
    };
    const auto read = [](const std::string& text) {
        return effective(*load_text(text, "hawser.yaml").settings);
    };
    const auto before =
        read(pools(", b: {servers: {a: 10.0.0.2:80}}, c: {servers: {a: 10.0.0.3:80}}"));
    EXPECT_TRUE(parts_changed(before, before).pools.empty());

    const auto changed = parts_changed(
        before, read(pools(", a: {servers: {a: 10.0.0.4:80}}, c: {servers: {a: 10.0.0.5:80}}")));

    EXPECT_THAT(changed.pools, testing::ElementsAre("a", "b", "c"));
    EXPECT_TRUE(changed.listeners.empty());
    EXPECT_FALSE(changed.routes);
    EXPECT_FALSE(changed.sessions);
}

TEST(difference, sees_what_is_laid_over_a_file) {
    const effective file = with("a: 10.0.0.1:80");
    auto drains = file;
    auto pool = file.at("shop");
    pool.servers.at("a").state = upstream::admin_state::drain;
    drains.lay_over("shop", std::make_shared<const app::pool>(pool));

    EXPECT_THAT(parts_changed(file, drains).pools, testing::ElementsAre("shop"));
    EXPECT_THAT(parts_changed(drains, file).pools, testing::ElementsAre("shop"));
    EXPECT_TRUE(parts_changed(drains, drains).pools.empty());
    EXPECT_EQ(drains.whole().pools.at("shop"), pool);
}

}  // namespace
}  // namespace hawser::app
