// SPDX-License-Identifier: Apache-2.0
#include "async/loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hawser {
namespace {

using namespace std::chrono_literals;

class work final : public runnable {
  public:
    explicit work(std::function<void()> what) : what_(std::move(what)) {}

  private:
    void run() override { what_(); }
    std::function<void()> what_;
};

class alarm final : public timer {
  public:
    explicit alarm(std::function<void()> what) : what_(std::move(what)) {}

  private:
    void expired(steady_time) override { what_(); }
    std::function<void()> what_;
};

instant at(steady_time::duration since) { return {steady_time(since), {}}; }

TEST(loop, runs_what_is_ready_in_order) {
    loop turns;
    std::string told;
    work a([&] { told += 'a'; });
    work b([&] { told += 'b'; });
    turns.make_ready(a);
    turns.make_ready(b);

    turns.run_ready();

    EXPECT_EQ(told, "ab");
    EXPECT_FALSE(turns.has_ready());
}

TEST(loop, queued_twice_runs_once) {
    loop turns;
    int count = 0;
    work once([&] { ++count; });
    turns.make_ready(once);
    turns.make_ready(once);

    turns.run_ready();

    EXPECT_EQ(count, 1);
}

TEST(loop, what_becomes_ready_meanwhile_waits_for_the_next_turn) {
    loop turns;
    std::string told;
    work second([&] { told += '2'; });
    work first([&] {
        told += '1';
        turns.make_ready(second);
    });
    turns.make_ready(first);

    turns.run_ready();
    EXPECT_EQ(told, "1");

    turns.run_ready();
    EXPECT_EQ(told, "12");
}

TEST(loop, work_that_queues_itself_does_not_hold_the_loop) {
    loop turns;
    int count = 0;
    work* self = nullptr;
    work again([&] {
        if (++count < 3) turns.make_ready(*self);
    });
    self = &again;
    turns.make_ready(again);

    turns.run_ready();
    EXPECT_EQ(count, 1);

    turns.run_ready();
    turns.run_ready();
    EXPECT_EQ(count, 3);
}

TEST(loop, work_may_end_its_own_life) {
    loop turns;
    std::unique_ptr<work> dies;
    dies = std::make_unique<work>([&] { std::exchange(dies, nullptr).reset(); });
    turns.make_ready(*dies);

    turns.run_ready();

    EXPECT_EQ(dies, nullptr);
}

TEST(loop, calls_timers_by_time_whatever_the_order_they_were_armed_in) {
    loop turns;
    std::mt19937 random(7);
    std::vector<int> told;
    std::vector<std::unique_ptr<alarm>> alarms;
    std::vector<int> times(200);
    for (int i = 0; i < 200; ++i) times[std::size_t(i)] = i;
    std::ranges::shuffle(times, random);
    for (const int when : times) {
        alarms.push_back(std::make_unique<alarm>([&told, when] { told.push_back(when); }));
        turns.arm(*alarms.back(), steady_time(std::chrono::seconds(when)));
    }
    // Every third moves away and back, every fifth is disarmed.
    for (std::size_t i = 0; i < alarms.size(); i += 3) {
        turns.arm(*alarms[i], steady_time(1h));
        turns.arm(*alarms[i], steady_time(std::chrono::seconds(times[i])));
    }
    std::vector<int> wanted = times;
    for (std::size_t i = 0; i < alarms.size(); i += 5) {
        turns.disarm(*alarms[i]);
        std::erase(wanted, times[i]);
    }
    std::ranges::sort(wanted);

    turns.advance(at(200s));

    EXPECT_EQ(told, wanted);
    EXPECT_EQ(turns.next_timer(), no_deadline);
}

TEST(loop, a_timer_waits_for_its_time) {
    loop turns;
    int rung = 0;
    alarm bell([&] { ++rung; });
    turns.arm(bell, steady_time(10s));

    turns.advance(at(9s));
    EXPECT_EQ(rung, 0);
    EXPECT_EQ(turns.next_timer(), steady_time(10s));

    turns.advance(at(10s));
    EXPECT_EQ(rung, 1);
    EXPECT_FALSE(bell.is_armed());
}

TEST(loop, a_timer_may_arm_itself_again) {
    loop turns;
    int rung = 0;
    alarm* self = nullptr;
    alarm bell([&] { turns.arm(*self, steady_time(std::chrono::seconds(10 * (++rung + 1)))); });
    self = &bell;
    turns.arm(bell, steady_time(10s));

    turns.advance(at(10s));
    turns.advance(at(20s));

    EXPECT_EQ(rung, 2);
}

TEST(loop, a_timer_that_dies_is_disarmed) {
    loop turns;
    {
        alarm bell([] { ADD_FAILURE() << "called after its death"; });
        turns.arm(bell, steady_time(1s));
    }
    turns.advance(at(2s));
}

TEST(loop, has_one_time_for_a_turn) {
    loop turns;
    turns.advance(at(5s));
    const auto turn = turns.turn();
    EXPECT_EQ(turns.now().steady, steady_time(5s));

    turns.advance(at(6s));
    EXPECT_EQ(turns.now().steady, steady_time(6s));
    EXPECT_EQ(turns.turn(), turn + 1);
}

TEST(loop_death_test, waits_happen_on_a_worker_s_thread) {
    EXPECT_DEATH((void)loop::current(), "on a worker's thread");
}

}  // namespace
}  // namespace hawser
