// SPDX-License-Identifier: Apache-2.0
#include "app/rate_limits.h"

#include <gtest/gtest.h>

#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

configuration parsed(const std::string& routes) {
    auto read = load_text(
        "listeners: {web: {bind: ':80', rate-limit: 7/s}}\n"
        "pools: {shop: {servers: {a: 10.0.0.1:80}}}\nroutes: " +
            routes,
        "f", [](std::string_view) { return std::nullopt; });
    EXPECT_EQ(read.problems.text(), "");
    return std::move(*read.settings);
}

TEST(rate_limits, a_limit_that_a_reload_leaves_as_it_is_keeps_its_buckets) {
    observe::counters counted(1, {});
    rate_limits known(counted);
    const auto before = parsed("[{pool: shop, path: /a, rate-limit: 1/s}, {pool: shop}]");
    const auto route_before = known.of_route(before.routes[0]);
    const auto listener_before = known.of_listener("web", before.listeners.at("web"));

    const auto after = parsed(
        "[{pool: shop, max-body: 1KiB, rate-limit: 2/s}, "
        "{pool: shop, path: /a, timeout: 9s, rate-limit: 1/s}]");
    EXPECT_EQ(known.of_route(after.routes[1])->front(), route_before->front());
    EXPECT_EQ(known.of_listener("web", after.listeners.at("web"))->front(),
              listener_before->front());
    EXPECT_NE(known.of_route(after.routes[0])->front(), route_before->front());
}

TEST(rate_limits, another_rate_begins_with_full_buckets) {
    observe::counters counted(1, {});
    rate_limits known(counted);
    const auto one = parsed("[{pool: shop, rate-limit: 1/s}]");
    const auto other = parsed("[{pool: shop, rate-limit: 1/m}]");
    const auto before = known.of_route(one.routes[0]);
    EXPECT_NE(known.of_route(other.routes[0])->front(), before->front());
}

TEST(rate_limits, routes_that_a_hidden_value_tells_apart_share_nothing) {
    observe::counters counted(1, {});
    rate_limits known(counted);
    const auto given = parsed(
        "[{pool: shop, header: {Authorization: one}, rate-limit: 1/s}, "
        "{pool: shop, header: {Authorization: two}, rate-limit: 1/s}]");
    const auto first = known.of_route(given.routes[0]);
    EXPECT_NE(known.of_route(given.routes[1])->front(), first->front());
}

TEST(rate_limits, of_several_each_has_its_buckets) {
    observe::counters counted(1, {});
    rate_limits known(counted);
    const auto given = parsed("[{pool: shop, rate-limit: [1/s, 1/s]}]");
    const auto both = known.of_route(given.routes[0]);
    ASSERT_EQ(both->size(), 2u);
    EXPECT_NE((*both)[0], (*both)[1]);
    EXPECT_EQ(known.of_route(parsed("[{pool: shop}]").routes[0]), nullptr);
}

}  // namespace
}  // namespace hawser::app
