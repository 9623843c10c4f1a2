// SPDX-License-Identifier: Apache-2.0
// Passive health on the way of requests: who is out, for how long, and who may try again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::SizeIs;

using namespace std::chrono_literals;

task<std::string> ask(lab& lab) {
    visitor who;
    who.sends("/");
    co_await lab.visit(who);
    co_return who.received().empty() ? "nothing" : who.received().front();
}

SIM_TEST(outage, connects_that_fail_take_a_server_out_for_ten_seconds) {
    lab lab(world, {"blue", "green"});
    lab.open();
    lab.refuse("blue");
    for (int i = 0; i < 8; ++i) EXPECT_EQ(co_await ask(lab), "green");
    EXPECT_FALSE(lab.known("blue").health.is_up());

    lab.refuse("blue", false);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(co_await ask(lab), "green");
    EXPECT_EQ(lab.server("blue").connections, 0u);
    EXPECT_TRUE((co_await sleep_for(10s)).has_value());
    EXPECT_EQ(co_await ask(lab), "blue");  // its trial
    EXPECT_TRUE(lab.known("blue").health.is_up());
    co_await lab.close();
    lab.expect_nothing_left();
}

SIM_TEST(outage, a_trial_that_fails_costs_no_client_an_error_and_doubles_the_time) {
    lab lab(world, {"blue", "green"});
    lab.open();
    lab.refuse("blue");
    for (int i = 0; i < 8; ++i) EXPECT_EQ(co_await ask(lab), "green");
    EXPECT_TRUE((co_await sleep_for(10s)).has_value());
    EXPECT_EQ(co_await ask(lab), "green");
    lab.refuse("blue", false);
    EXPECT_TRUE((co_await sleep_for(19s)).has_value());
    EXPECT_EQ(co_await ask(lab), "green");
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    EXPECT_EQ(co_await ask(lab), "blue");
    co_await lab.close();
}

SIM_TEST(outage, answers_that_say_unwell_are_passed_on_and_take_a_server_out) {
    lab lab(world, {"blue", "green"});
    lab.server("blue").answer = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
    lab.open();
    int errors = 0;
    for (int i = 0; i < 20; ++i) errors += co_await ask(lab) == "500" ? 1 : 0;
    EXPECT_EQ(errors, 5);
    EXPECT_FALSE(lab.known("blue").health.is_up());
    co_await lab.close();
}

SIM_TEST(outage, answers_never_take_out_more_than_half_of_a_pool) {
    lab lab(world, {"blue", "green"});
    for (const auto* name : {"blue", "green"})
        lab.server(name).answer = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
    lab.open();
    for (int i = 0; i < 30; ++i) EXPECT_EQ(co_await ask(lab), "500");
    EXPECT_TRUE(lab.known("blue").health.is_up() || lab.known("green").health.is_up());
    co_await lab.close();
}

SIM_TEST(outage, e73_all_out_is_a_503_until_the_first_trial_succeeds) {
    lab lab(world, {"blue"});
    lab.open();
    lab.refuse("blue");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await ask(lab), "503");
    EXPECT_FALSE(lab.known("blue").health.is_up());
    const auto before = world.io().clock().steady;
    EXPECT_EQ(co_await ask(lab), "503");
    EXPECT_LT(world.io().clock().steady - before, 1s);  // at once

    lab.refuse("blue", false);
    EXPECT_TRUE((co_await sleep_for(10s)).has_value());
    EXPECT_EQ(co_await ask(lab), "blue");
    co_await lab.close();
}

SIM_TEST(outage, e63_connecting_that_never_ends_goes_to_another_server_in_time) {
    lab lab(world, {"blue", "green"});
    world.weather_at(lab.server("blue").place).swallows = true;
    lab.open();
    const auto before = world.io().clock().steady;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(co_await ask(lab), "green");
    EXPECT_LT(world.io().clock().steady - before, 6s);
    co_await lab.close();
    lab.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
