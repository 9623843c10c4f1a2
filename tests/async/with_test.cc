// SPDX-License-Identifier: Apache-2.0
#include "async/with.h"

#include <gtest/gtest.h>

#include "async/event.h"
#include "async/lab.h"
#include "async/sleep.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

task<> stop_after(stop_source& what, steady_time::duration span) {
    co_await sleep_for(span);
    what.stop();
}

TEST(with_deadline, ends_what_takes_too_long) {
    lab lab;
    lab.run([]() -> task<> {
        const auto slept = co_await with_deadline(2s, sleep_for(1h));
        EXPECT_EQ(slept.error().code, errc::timed_out);
    }());
    EXPECT_EQ(lab.passed(), 2s);
}

TEST(with_deadline, leaves_alone_what_ends_in_time) {
    lab lab;
    lab.run(
        []() -> task<> { EXPECT_TRUE((co_await with_deadline(2s, sleep_for(1s))).has_value()); }());
    EXPECT_EQ(lab.passed(), 1s);
}

TEST(with_deadline, is_never_later_than_the_one_around_it) {
    lab lab;
    lab.run([]() -> task<> {
        const auto slept = co_await with_deadline(
            1s, []() -> task<result<>> { co_return co_await with_deadline(1h, sleep_for(2h)); }());
        EXPECT_EQ(slept.error().code, errc::timed_out);
    }());
    EXPECT_EQ(lab.passed(), 1s);
}

TEST(with_deadline, is_over_when_its_operation_is) {
    lab lab;
    lab.run([]() -> task<> {
        EXPECT_TRUE((co_await with_deadline(2s, sleep_for(1s))).has_value());
        EXPECT_TRUE((co_await sleep_for(5s)).has_value());
    }());
    EXPECT_EQ(lab.passed(), 6s);
}

TEST(with_deadline_at, ends_at_the_moment) {
    lab lab;
    lab.run([]() -> task<> {
        const auto end = loop::current().now().steady + 3s;
        EXPECT_FALSE((co_await with_deadline_at(end, sleep_for(1h))).has_value());
    }());
    EXPECT_EQ(lab.passed(), 3s);
}

TEST(with_stop, returns_only_when_its_operation_has_ended) {
    lab lab;
    lab.run([]() -> task<> {
        event never;
        bool ended = false;
        stop_source stop;
        scope children;
        children.spawn(stop_after(stop, 1s));

        const auto worked = co_await with_stop(stop, [](event& work, bool& over) -> task<result<>> {
            const auto outcome = co_await work.wait();
            stop_source nobody;
            co_await with_stop(nobody, sleep_for(1s));  // clears up
            over = true;
            co_return outcome;
        }(never, ended));

        EXPECT_TRUE(ended);
        EXPECT_EQ(worked.error().code, errc::cancelled);
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 2s);
}

TEST(with_idle_limit, bounds_each_wait_and_not_their_sum) {
    lab lab;
    lab.run([]() -> task<> {
        event ticks;
        stop_source stop;
        const context conditions{.stop = &stop};
        scope children(conditions);
        children.spawn([](event& what) -> task<> {
            for (int i = 0; i < 5; ++i) {
                co_await sleep_for(2s);
                what.set();
            }
        }(ticks));

        const int seen = co_await with_idle_limit(3s, [](event& what) -> task<int> {
            int count = 0;
            while ((co_await what.wait()).has_value()) ++count;
            co_return count;
        }(ticks));

        EXPECT_EQ(seen, 5);
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 13s);
}

TEST(with_idle_limit, does_not_outlast_a_deadline) {
    lab lab;
    lab.run([]() -> task<> {
        event never;
        const auto waited = co_await with_deadline(1s, [](event& what) -> task<result<>> {
            co_return co_await with_idle_limit(1h, what.wait());
        }(never));
        EXPECT_EQ(waited.error().code, errc::timed_out);
    }());
    EXPECT_EQ(lab.passed(), 1s);
}

}  // namespace
}  // namespace hawser
