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
    const auto left = abandoned_by(
        before, with("b: {address: 10.0.0.9:80, state: maint}, c: {address: 10.0.0.3:80, "
                     "state: maint}, d: 10.0.0.4:80"));
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].server, server_id_of("shop", "a"));
    EXPECT_EQ(left[1].server, server_id_of("shop", "b"));
    EXPECT_EQ(left[1].pool, pool_id_of("shop"));
}

TEST(difference, lets_sessions_stay_where_a_server_drains_or_moves) {
    const auto before = with("a: 10.0.0.1:80, b: 10.0.0.2:80");
    EXPECT_TRUE(abandoned_by(before, with("a: {address: 10.0.0.1:80, state: drain, weight: 0}, "
                                          "b: 10.0.0.7:80"))
                    .empty());
}

TEST(difference, sends_all_sessions_of_a_pool_away_that_is_gone) {
    auto before = with("a: 10.0.0.1:80, b: 10.0.0.2:80");
    before.pools["spare"] = before.pools["shop"];
    const auto left = abandoned_by(before, with("a: 10.0.0.1:80, b: 10.0.0.2:80"));
    EXPECT_EQ(left.size(), 2u);
    EXPECT_EQ(left.front().pool, pool_id_of("spare"));
}

}  // namespace
}  // namespace hawser::app
