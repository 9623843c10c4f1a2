// SPDX-License-Identifier: Apache-2.0
#include "registry/questions.h"

#include <set>

#include "lab.h"

namespace hawser::registry {
namespace {

TEST(questions, which_sessions_would_move_by_class) {
    lab lab;
    lab.settle("idle", blue);
    lab.wait(10min);
    lab.settle("recent", blue);
    lab.first_request("tentative", blue);
    lab.settle("elsewhere", red);
    const seen tunnel = lab.enter_with("tunnel", lab.settle("tunnel", green));
    lab.table->begin_tunnel(tunnel.handle);
    const seen busy = lab.enter_with("busy", lab.settle("busy", green));
    lab.wait(2min);

    const auto ask = [&](std::vector<server_id> homes) {
        return would_move(*lab.table, std::move(homes), 5min, lab.now.steady);
    };
    EXPECT_EQ(ask({blue}), (impact{.with_tunnel = 0, .active = 1, .idle = 1, .tentative = 1}));
    EXPECT_EQ(ask({green, blue}),
              (impact{.with_tunnel = 1, .active = 2, .idle = 1, .tentative = 1}));
    EXPECT_EQ(ask({}).total(), 0u);
    lab.table->end_tunnel(tunnel.handle, lab.now.steady);
    lab.leave(tunnel);
    lab.leave(busy);
}

TEST(questions, a_walk_sees_every_session_once_though_others_come_and_go) {
    lab lab({.capacity = 100'000, .tentative_capacity = 20'000, .extra_keys = 0, .lives = {}});
    for (int n = 0; n < 5000; ++n) {
        const seen who =
            lab.table->enter(shop, named("user " + std::to_string(n)), lab.now,
                             {.kind = 0, .session_class = 0, .user = 1u + unsigned(n)});
        lab.claim(who, blue);
        lab.leave(who);
    }
    std::multiset<std::uint64_t> users;
    std::array<session_view, 7> some;
    int other = 0;
    for (cursor at; !at.done;) {
        const std::size_t count = lab.table->walk(at, {}, some, lab.now.steady);
        for (std::size_t n = 0; n < count; ++n)
            if (some[n].what.user != 0) users.insert(some[n].what.user);
        lab.first_request("passing " + std::to_string(++other));
        lab.table->end(shop, key_of("passing " + std::to_string(other / 2)), lab.now.steady);
    }
    EXPECT_EQ(users.size(), 5000u);
    EXPECT_EQ(std::set(users.begin(), users.end()).size(), 5000u);
}

TEST(questions, a_walk_selects_by_pool_and_home) {
    lab lab;
    lab.settle("ann", blue);
    lab.settle("bob", green);
    lab.leave(lab.table->enter(pool_id_of("cart"), named("cid"), lab.now));
    std::array<session_view, 10> some;
    const auto count = [&](const selection& which) {
        std::size_t sum = 0;
        for (cursor at; !at.done;) sum += lab.table->walk(at, which, some, lab.now.steady);
        return sum;
    };
    EXPECT_EQ(count({}), 3u);
    EXPECT_EQ(count({.pool = shop}), 2u);
    EXPECT_EQ(count({.pool = shop, .home = green}), 1u);
    EXPECT_EQ(count({.home = red}), 0u);
}

TEST(questions, a_walk_passes_over_what_has_expired) {
    lab lab({.capacity = 10, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 60s}});
    lab.settle("ann", blue);
    lab.wait(62s);
    EXPECT_EQ(would_move(*lab.table, {blue}, 1s, lab.now.steady).total(), 0u);
}

TEST(questions, idle_times_are_counted_by_powers_of_two) {
    lab lab;
    lab.settle("ann");
    lab.wait(100s);
    lab.settle("bob");
    lab.first_request("tentative");
    idle_question asked;
    EXPECT_EQ(asked.told(shop), nullptr);
    while (!asked.advance(*lab.table, lab.now.steady)) {
    }
    ASSERT_NE(asked.told(shop), nullptr);
    EXPECT_EQ(asked.told(shop)->count[0], 1u);
    EXPECT_EQ(asked.told(shop)->count[7], 1u);  // 64 to 127 seconds

    lab.wait(200s);
    while (!asked.advance(*lab.table, lab.now.steady)) {
    }
    EXPECT_EQ(asked.told(shop)->count[0], 0u) << "it begins anew each time";
    EXPECT_EQ(asked.told(shop)->count[8], 1u);
    EXPECT_EQ(asked.told(shop)->count[9], 1u);
    EXPECT_EQ(asked.told(pool_id_of("other")), nullptr);
}

TEST(questions, lifetimes_are_counted_when_sessions_end) {
    lab lab({.capacity = 10, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 60s}});
    const auto token = lab.settle("ann");
    lab.wait(40s);
    lab.request("ann", token);
    lab.wait(62s);
    lab.sweep();
    EXPECT_EQ(lab.counts().since_start.lifetimes.count[6], 1u);  // 32 to 63 seconds
}

}  // namespace
}  // namespace hawser::registry
