// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configuration/checks.h"
#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What is said of a pool `shop` with this below it, on line 2, and a route with that, on line 3.
std::string problems_of(const std::string& pool, const std::string& route = "",
                        const std::string& more = "") {
    const auto text =
        "listeners: {web: {bind: '127.0.0.1:80', timeouts: {idle: 20s}}}\n"
        "pools: {shop: {servers: {a: '10.0.0.1:80'}" +
        pool + "}}\nroutes: [{pool: shop" + route + "}]\n" + more;
    return load_text(text, "f", [](std::string_view) { return std::nullopt; }).problems.text();
}

TEST(timeout_checks, find_nothing_in_the_defaults) { EXPECT_EQ(problems_of(""), ""); }

TEST(timeout_checks, warn_of_an_affinity_that_ends_before_its_session) {
    EXPECT_EQ(problems_of(", affinity: [{cookie: {ttl: 10m}}]"),
              "f:2:71: warning: a client that comes back after 10m has lost its home, but its "
              "session would have waited for it 30m (`sessions.idle-timeout`) [short-affinity]\n");
    EXPECT_THAT(problems_of(", affinity: [{cookie: {absolute: 2h}}]"),
                HasSubstr("a client loses its home after 2h"));
    EXPECT_EQ(
        problems_of(", affinity: [{cookie: {ttl: 10m}}]", "", "sessions: {idle-timeout: 10m}\n"),
        "");
}

TEST(timeout_checks, warn_of_a_check_that_may_outlast_its_interval) {
    const auto health = [](const std::string& given) {
        return problems_of(", health: {" + given + "}");
    };
    EXPECT_THAT(health("http: /up, interval: 1s, timeout: 1s"), HasSubstr("slow-check"));
    EXPECT_THAT(health("http: /up, interval: 2s"), HasSubstr("slow-check"));
    EXPECT_THAT(health("http: /up, interval: 9s, fast-interval: 2s"),
                AllOf(HasSubstr("`fast-interval`"), HasSubstr("slow-check")));
    EXPECT_THAT(health("agent: {port: 81, interval: 1s}"), HasSubstr("slow-check"));
    EXPECT_EQ(health("interval: 1s"), "") << "nothing is checked";
}

TEST(timeout_checks, warn_of_rules_for_sessions_that_a_drain_does_not_live_to_see) {
    EXPECT_THAT(problems_of(", drain: {deadline: 5m, idle: 10m}"),
                AllOf(HasSubstr("nobody is idle for 10m by then"), HasSubstr("late-drain-rule")));
    EXPECT_EQ(problems_of(", drain: {deadline: 5m, idle: 5m}"), "");
    EXPECT_EQ(problems_of(", drain: {deadline: 5s}"), "") << "the default of `tentative` is longer";
}

TEST(timeout_checks, warn_of_a_rebalancing_that_finds_nobody) {
    EXPECT_THAT(problems_of(", rebalance: {idle: 30m}"), HasSubstr("late-rebalance"));
    EXPECT_EQ(problems_of(", rebalance: {idle: 29m}"), "");
    EXPECT_EQ(problems_of(", rebalance: {idle: 30m}, session-data: shared"), "");
}

TEST(timeout_checks, warn_of_tunnels_that_end_between_two_pings) {
    EXPECT_THAT(problems_of(", timeouts: {tunnel: 30s}"), HasSubstr("short-tunnel"));
    EXPECT_EQ(problems_of(", timeouts: {tunnel: 31s}"), "");
}

TEST(timeout_checks, warn_of_a_server_that_keeps_connections_shorter_than_the_pool) {
    const auto to_itself = [](const std::string& idle) {
        const auto text =
            "listeners: {web: {bind: '127.0.0.1:80', timeouts: {idle: 20s}}}\n"
            "pools: {shop: {servers: {a: '127.0.0.1:80'}, timeouts: {idle: " +
            idle + "}}}\nroutes: [{pool: shop}]\n";
        return load_text(text, "f").problems.text();
    };
    EXPECT_EQ(to_itself("20s"),
              "f:2:63: warning: server `a` is the listener `web`, which closes an idle connection "
              "after 20s: let the pool keep it for less than that, not for 20s "
              "[short-keep-alive]\n");
    EXPECT_EQ(to_itself("15s"), "");
}

TEST(timeout_checks, warn_of_requests_that_something_else_cuts) {
    EXPECT_EQ(problems_of("", ", timeout: 20s"), "");
    EXPECT_THAT(problems_of("", ", timeout: 31s"),
                AllOf(HasSubstr("f:3:"), HasSubstr("a stop cuts it after 30s (`stop-timeout`)"),
                      HasSubstr("cut-requests"), Not(HasSubstr("upgrade"))));
    EXPECT_THAT(problems_of("", ", timeout: 11m", "stop-timeout: 11m\n"),
                HasSubstr("an upgrade cuts it after 10m (`upgrade-timeout`)"));
    EXPECT_THAT(problems_of(", drain: {deadline: 10s}", ", timeout: 20s"),
                HasSubstr("the drain of a server cuts it after 10s (`drain.deadline`)"));
}

TEST(timeout_checks, warn_of_requests_that_end_before_another_server_is_tried) {
    EXPECT_THAT(problems_of("", ", timeout: 5s"), HasSubstr("no-time-to-retry"));
    EXPECT_EQ(problems_of("", ", timeout: 6s"), "");
    EXPECT_EQ(problems_of(", retries: 0", ", timeout: 5s"), "");
    EXPECT_EQ(problems_of(", timeouts: {connect: 1s}", ", timeout: 5s"), "");
}

TEST(timeout_checks, warn_of_requests_that_end_while_they_wait_for_a_place) {
    EXPECT_THAT(problems_of(", queue: {timeout: 20s}", ", timeout: 20s"),
                HasSubstr("no-time-after-queue"));
    EXPECT_EQ(problems_of(", queue: {timeout: 10s}", ", timeout: 20s"), "");
    EXPECT_EQ(problems_of(", queue: {timeout: 20s}"), "");
}

TEST(timeout_checks, are_errors_where_somebody_is_strict) {
    auto read = load_text(
        "listeners: {web: {bind: ':80'}}\n"
        "pools: {shop: {servers: {a: '10.0.0.1:80'}}}\n"
        "routes: [{pool: shop, timeout: 5s}]\n",
        "f");
    EXPECT_TRUE(read.settings.has_value());
    EXPECT_EQ(read.problems.warning_count(), 1u);
    read.problems.make_warnings_errors();
    EXPECT_TRUE(read.problems.has_errors());
}

}  // namespace
}  // namespace hawser::app
