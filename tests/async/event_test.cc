// SPDX-License-Identifier: Apache-2.0
#include "async/event.h"

#include <gtest/gtest.h>

#include "async/lab.h"
#include "async/sleep.h"
#include "async/with.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

task<> set_after(event& what, steady_time::duration span) {
    co_await sleep_for(span);
    what.set();
}

TEST(event, wakes_its_waiter) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        scope children;
        children.spawn(set_after(happened, 3s));
        EXPECT_TRUE((co_await happened.wait()).has_value());
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 3s);
}

TEST(event, stays_set_until_it_has_been_waited_for) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        happened.set();
        EXPECT_TRUE((co_await happened.wait()).has_value());
        EXPECT_FALSE(happened.is_set());
        const auto again = co_await with_deadline(1s, happened.wait());
        EXPECT_EQ(again.error().code, errc::timed_out);
    }());
}

TEST(event, can_be_waited_for_again_after_a_timeout) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        scope children;
        EXPECT_FALSE((co_await with_deadline(1s, happened.wait())).has_value());
        children.spawn(set_after(happened, 1s));
        EXPECT_TRUE((co_await happened.wait()).has_value());
        co_await children.join();
    }());
}

TEST(event, a_stop_ends_the_wait) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        stop_source stop;
        scope children;
        children.spawn([](stop_source& what) -> task<> {
            co_await sleep_for(1s);
            what.stop();
        }(stop));
        const auto waited = co_await with_stop(stop, happened.wait());
        EXPECT_EQ(waited.error().code, errc::cancelled);
        co_await children.join();
    }());
}

TEST(event, a_wait_under_a_stopped_source_ends_at_once) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        stop_source stop;
        stop.stop();
        const auto waited = co_await with_stop(stop, happened.wait());
        EXPECT_EQ(waited.error().code, errc::cancelled);
    }());
    EXPECT_EQ(lab.passed(), 0s);
}

TEST(event, one_that_is_set_in_the_turn_of_the_timeout_is_not_lost) {
    lab lab;
    lab.run([]() -> task<> {
        event happened;
        scope children;
        children.spawn(set_after(happened, 1s));
        const auto waited = co_await with_deadline(1s, happened.wait());
        co_await children.join();
        EXPECT_TRUE(waited.has_value() || happened.is_set());
    }());
}

}  // namespace
}  // namespace hawser
