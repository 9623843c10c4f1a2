// SPDX-License-Identifier: Apache-2.0
// Requests that come too often, on their way through the proxy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using namespace std::chrono_literals;

std::shared_ptr<const request_limits> limits_of(request_limit::settings given) {
    static observe::counters counted(1, {});
    return std::make_shared<const request_limits>(request_limits{std::make_shared<request_limit>(
        std::move(given), crypto::siphash_key(), counted.rate_limit("web", "", "any"))});
}

SIM_TEST(rates, more_requests_than_a_route_allows_are_429_with_retry_after) {
    lab lab(world, {"blue"});
    lab.route.rates = limits_of({.allowed = {.requests = 2, .per = 1min, .burst = 2}});
    lab.client.sends("/1", "/2", "/3");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue", "blue", "429"}));
    EXPECT_EQ(lab.client.field("Retry-After", 2), "30");
    EXPECT_EQ(lab.client.field("Connection", 2), "") << "it may come back over the same connection";
    EXPECT_THAT(lab.requests(), SizeIs(2));
    EXPECT_EQ(lab.endings()["rate-limit"], 1u);
    lab.expect_nothing_left();
}

SIM_TEST(rates, a_listeners_limit_counts_what_no_route_takes) {
    lab lab(world, {"blue"});
    lab.listener.rates = limits_of({.allowed = {.per = 1h}});
    lab.route.when.path = "/shop/";
    lab.client.sends("/elsewhere", "/shop/");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"404", "429"}));
    EXPECT_THAT(lab.requests(), IsEmpty());
}

SIM_TEST(rates, a_body_that_nobody_reads_ends_the_connection) {
    lab lab(world, {"blue"});
    lab.listener.rates = limits_of({.allowed = {.per = 1h}});
    lab.client.sends("/1");
    lab.client.sends_raw("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"blue", "429"}));
    EXPECT_EQ(lab.client.field("Connection", 1), "close");
}

SIM_TEST(rates, a_session_has_a_bucket_of_its_own_and_newcomers_share_their_address) {
    lab lab(world, {"blue"});
    lab.has_affinity = true;
    lab.route.rates = limits_of({.by = limit_key::session, .allowed = {.per = 1h}});
    lab.open();

    visitor first;
    first.sends("/");
    co_await lab.visit(first);
    visitor newcomer;
    newcomer.sends("/");
    co_await lab.visit(newcomer);
    visitor known;
    known.cookie = first.mark();
    known.sends("/", "/");
    co_await lab.visit(known);
    co_await lab.close();

    EXPECT_EQ(first.received(), (answers{"blue"}));
    EXPECT_EQ(newcomer.received(), (answers{"429"}));
    EXPECT_EQ(known.received(), (answers{"blue", "429"}));
    lab.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
