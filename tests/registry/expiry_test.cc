// SPDX-License-Identifier: Apache-2.0
#include "lab.h"

namespace hawser::registry {
namespace {

settings living(std::chrono::seconds idle, std::chrono::seconds absolute = 0s) {
    return {.capacity = 5000,
            .tentative_capacity = 5000,
            .extra_keys = 100,
            .lives = {.idle = idle, .absolute = absolute}};
}

TEST(expiry, is_never_early_and_at_most_a_second_late) {
    for (const auto offset : {0ms, 1ms, 250ms, 499ms, 500ms, 999ms}) {
        lab lab(living(60s));
        lab.wait(offset);
        lab.settle("ann");
        lab.wait(60s - 1ms);
        EXPECT_TRUE(lab.has("ann"));
        lab.sweep();
        EXPECT_EQ(lab.at(blue).established, 1u);
        lab.wait(1001ms);
        EXPECT_FALSE(lab.has("ann"));
        lab.sweep();
        EXPECT_EQ(lab.at(blue).established, 0u);
        EXPECT_EQ(of(end_cause::idle, lab.counts().since_start.ends), 1u);
    }
}

TEST(expiry, a_request_finds_an_expired_session_absent_before_any_sweep) {
    lab lab(living(60s));
    lab.settle("ann", blue);
    lab.wait(62s);
    const seen who = lab.enter("ann");
    EXPECT_FALSE(who.known);
    EXPECT_EQ(who.home.home, no_server_id);
    lab.leave(who);
    EXPECT_EQ(of(end_cause::idle, lab.counts().since_start.ends), 1u);
    lab.table->verify();
}

TEST(expiry, each_request_begins_the_idle_time_anew) {
    lab lab(living(60s));
    const auto token = lab.settle("ann");
    for (int n = 0; n < 20; ++n) {
        lab.wait(59s);
        lab.sweep();
        EXPECT_TRUE(lab.request("ann", token).known);
    }
    lab.wait(62s);
    lab.sweep();
    EXPECT_EQ(lab.at(blue).established, 0u);
}

TEST(expiry, a_request_or_tunnel_in_flight_is_not_idle) {
    lab lab(living(60s));
    const auto token = lab.settle("ann");
    const seen request = lab.enter_with("ann", token);
    lab.wait(1h);
    lab.sweep();
    EXPECT_TRUE(lab.has("ann"));
    lab.table->begin_tunnel(request.handle);
    lab.wait(1h);
    lab.sweep();
    EXPECT_TRUE(lab.has("ann"));
    lab.table->end_tunnel(request.handle, lab.now.steady);
    lab.leave(request);
    lab.wait(59s);
    EXPECT_TRUE(lab.has("ann"));
    lab.wait(2s);
    lab.sweep();
    EXPECT_EQ(lab.at(blue).established, 0u);
}

TEST(expiry, the_absolute_limit_ends_a_session_however_busy) {
    lab lab(living(60s, 1h));
    const auto token = lab.settle("ann");
    const seen tunnel = lab.enter_with("ann", token);
    lab.wait(1h - 1ms);
    EXPECT_TRUE(lab.has("ann"));
    lab.wait(1001ms);
    EXPECT_FALSE(lab.has("ann"));
    lab.sweep();
    EXPECT_EQ(of(end_cause::absolute, lab.counts().since_start.ends), 1u);
    EXPECT_EQ(lab.at(blue).established, 0u);
    lab.table->verify();
    lab.leave(tunnel);
    lab.table->verify();
}

TEST(expiry, without_limits_a_session_stays) {
    lab lab(living(0s, 0s));
    lab.settle("ann");
    for (int day = 0; day < 400; day += 10) {
        lab.wait(240h);
        lab.sweep();
    }
    EXPECT_TRUE(lab.has("ann"));
    lab.table->verify();
}

TEST(expiry, follows_each_pools_own_limits) {
    lab lab(living(60s));
    const pool_id cart = pool_id_of("cart");
    lab.table->configure(cart, {.idle = 10min, .absolute = 0s});
    lab.settle("ann");
    lab.leave(lab.table->enter(cart, named("ann"), lab.now));
    lab.wait(5min);
    lab.sweep();
    EXPECT_EQ(lab.counts(shop).established(), 0u);
    EXPECT_EQ(lab.counts(cart).tentative(), 1u);
    lab.wait(6min);
    lab.sweep();
    EXPECT_EQ(lab.counts(cart).tentative(), 0u);
}

TEST(expiry, a_shorter_limit_counts_for_sessions_that_exist) {
    lab lab(living(10h));
    lab.settle("ann");
    lab.wait(2min);
    lab.sweep();
    lab.table->configure(shop, {.idle = 60s, .absolute = 0s});
    EXPECT_FALSE(lab.has("ann"));
    lab.sweep();
    EXPECT_EQ(lab.at(blue).established, 0u);
}

TEST(expiry, a_longer_limit_counts_for_sessions_that_exist) {
    lab lab(living(60s));
    lab.settle("ann");
    lab.table->configure(shop, {.idle = 10min, .absolute = 0s});
    lab.wait(5min);
    lab.sweep();
    EXPECT_TRUE(lab.has("ann"));
    lab.wait(6min);
    lab.sweep();
    EXPECT_EQ(lab.at(blue).established, 0u);
}

TEST(expiry, a_sweep_keeps_to_its_budget_and_says_that_more_is_due) {
    lab lab(living(60s));
    for (int n = 0; n < 1000; ++n) lab.first_request("client " + std::to_string(n));
    lab.wait(62s);
    int sweeps = 1;
    std::uint64_t before = lab.counts().tentative();
    while (lab.table->sweep(lab.now.steady, 100)) {
        const std::uint64_t after = lab.counts().tentative();
        EXPECT_LE(before - after, 164u);
        before = after;
        ++sweeps;
        lab.table->verify();
    }
    EXPECT_GT(sweeps, 5);
    lab.sweep();
    EXPECT_EQ(lab.counts().tentative(), 0u);
    EXPECT_EQ(of(end_cause::idle, lab.counts().since_start.tentative_ends), 1000u);
}

TEST(expiry, goes_on_across_the_wrap_of_the_monotonic_clocks_32_bits) {
    lab lab(living(60s));
    const auto wrap = steady_time(std::chrono::seconds((std::int64_t{1} << 32) / 2));
    lab.now.steady = wrap - 90s;
    lab.table = *registry::create(living(60s), lab.now.steady);
    lab.settle("ann");
    lab.wait(50s);
    const auto bob = lab.settle("bob");
    lab.sweep();
    lab.wait(50s);  // past the wrap
    lab.sweep();
    EXPECT_FALSE(lab.has("ann"));
    EXPECT_TRUE(lab.has("bob"));
    EXPECT_EQ(lab.at(blue).established, 1u);
    EXPECT_TRUE(lab.request("bob", bob).known);
    lab.wait(62s);
    lab.sweep();
    EXPECT_EQ(lab.at(blue).established, 0u);
    lab.table->verify();
}

TEST(expiry, a_worker_whose_clock_was_read_earlier_does_no_harm) {
    lab lab(living(60s));
    lab.settle("ann");
    const auto token = lab.settle("ann2");
    lab.wait(50s);
    lab.request("ann2", token);
    lab.now.steady -= 30s;
    lab.request("ann2", token);
    EXPECT_EQ(lab.table->find(shop, key_of("ann2"), lab.now.steady)->idle, 0s);
    lab.now.steady += 70s;
    EXPECT_TRUE(lab.has("ann2"));
    EXPECT_FALSE(lab.has("ann"));
}

}  // namespace
}  // namespace hawser::registry
