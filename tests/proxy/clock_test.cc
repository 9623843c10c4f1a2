// SPDX-License-Identifier: Apache-2.0
// E168: somebody sets the wall clock, and no deadline moves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds year = 365 * 24h;

/// Sets the clock again and again, a year on and a year back, until it is stopped.
task<> jump(sim::world& in) {
    for (auto by = year;; by = -by) {
        if (!co_await sleep_for(700ms)) co_return;
        in.time().step_wall(by);
    }
}

/// How long the client's exchanges took while the clock was set.
task<steady_time::duration> serve_while_clocks_jump(sim::world& world, lab& lab) {
    stop_source enough;
    const context while_wanted{.stop = &enough};
    scope beside(while_wanted);
    beside.spawn(jump(world));
    const auto began = world.io().clock().steady;
    co_await lab.serve();
    const auto took = world.io().clock().steady - began;
    enough.stop();
    co_await beside.join();
    lab.expect_nothing_left();
    co_return took;
}

SIM_TEST(clock, e168_a_step_does_not_move_the_deadline_of_an_answer) {
    lab lab(world, {"blue"});
    lab.server("blue").thinks_for = 1h;
    lab.client.sends("/");
    const auto took = co_await serve_while_clocks_jump(world, lab);
    EXPECT_EQ(lab.client.received(), (answers{"504"}));
    EXPECT_GE(took, 60s);
    EXPECT_LT(took, 62s);
}

SIM_TEST(clock, e168_a_step_does_not_move_the_deadline_of_a_head) {
    lab lab(world, {"blue"});
    lab.client.sends_raw("GET / HTTP/1.1\r\nHost: ");
    const auto took = co_await serve_while_clocks_jump(world, lab);
    EXPECT_EQ(lab.client.received(), (answers{"408"}));
    EXPECT_GE(took, 10s);
    EXPECT_LT(took, 12s);
}

SIM_TEST(clock, e168_a_step_does_not_end_an_idle_connection_or_a_slow_answer) {
    lab lab(world, {"blue"});
    lab.server("blue").thinks_for = 50s;
    lab.client.sends("/1");
    lab.client.sends_slowly({"GET /2 HTTP/1.1\r\n", "Host: shop.example\r\n\r\n"}, 9s);
    (void)co_await serve_while_clocks_jump(world, lab);
    EXPECT_EQ(lab.client.received(), (answers{"blue", "blue"}));
    EXPECT_EQ(lab.server("blue").connections, 1u);
}

SIM_TEST(clock, e168_a_step_does_not_change_how_long_a_server_is_out) {
    lab lab(world, {"blue"});
    lab.pool.passive.connect_failures = 1;
    lab.open();
    lab.refuse("blue");
    lab.client.sends("/");
    co_await lab.visit(lab.client);
    EXPECT_FALSE(lab.known("blue").health.is_up());

    const auto now = world.io().clock().steady;
    world.time().step_wall(year);
    EXPECT_FALSE(lab.known("blue").health.is_trial_due(now + 9s));
    world.time().step_wall(-2 * year);
    EXPECT_TRUE((co_await sleep_for(10s)).has_value());
    EXPECT_TRUE(lab.known("blue").health.is_trial_due(world.io().clock().steady));
    co_await lab.close();
}

}  // namespace
}  // namespace hawser::proxy
