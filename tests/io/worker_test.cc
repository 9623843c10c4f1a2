// SPDX-License-Identifier: Apache-2.0
#include "io/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "async/event.h"
#include "async/scope.h"
#include "io/epoll/epoll_engine.h"
#include "support/sim/sim_test.h"

namespace hawser::io {
namespace {

TEST(worker, runs_a_letter_from_another_thread_on_its_own) {
    worker on(0, make_epoll_engine().value());
    std::thread::id ran_on;
    bool is_over = false;
    std::thread other([&] {
        on.post([&] {
            ran_on = std::this_thread::get_id();
            is_over = true;
        });
    });

    on.run_until([&] { return is_over; });

    other.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(worker, opens_the_letters_of_a_thread_in_order_and_loses_none) {
    constexpr int count = 10'000;
    worker on(0, make_epoll_engine().value());
    std::vector<int> opened;
    std::thread other([&] {
        for (int i = 0; i < count; ++i) on.post([&opened, i] { opened.push_back(i); });
    });

    on.run_until([&] { return opened.size() == count; });

    other.join();
    EXPECT_TRUE(std::ranges::is_sorted(opened));
}

TEST(worker, a_letter_may_wake_a_coroutine) {
    worker on(0, make_epoll_engine().value());
    event called;
    scope root;
    root.spawn(
        [](event& what) -> task<> { EXPECT_TRUE((co_await what.wait()).has_value()); }(called));
    std::thread other([&] { on.post([&] { called.set(); }); });

    on.run_until([&] { return root.running() == 0; });

    other.join();
}

TEST(worker, a_letter_may_post_another) {
    worker on(0, make_epoll_engine().value());
    bool is_over = false;
    on.post([&] { on.post([&] { is_over = true; }); });
    on.run_until([&] { return is_over; });
}

TEST(worker, counts_its_turns) {
    worker on(3, make_epoll_engine().value());
    const auto before = on.turns_taken();
    on.post([] {});
    on.turn();
    EXPECT_EQ(on.turns_taken(), before + 1);
    EXPECT_EQ(on.index(), 3u);
}

SIM_TEST(worker, opens_its_letters_in_simulation_too) {
    event called;
    world.worker().post([&] { called.set(); });
    EXPECT_TRUE((co_await called.wait()).has_value());
}

}  // namespace
}  // namespace hawser::io
