// SPDX-License-Identifier: Apache-2.0
#include "async/sleep.h"

#include <gtest/gtest.h>

#include <string>

#include "async/lab.h"
#include "async/with.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

TEST(sleep, lasts_as_long_as_asked) {
    lab lab;
    lab.run([]() -> task<> { EXPECT_TRUE((co_await sleep_for(90s)).has_value()); }());
    EXPECT_EQ(lab.passed(), 90s);
}

TEST(sleep, until_a_time_that_has_passed_is_no_wait) {
    lab lab;
    lab.run([]() -> task<> {
        const auto turn = loop::current().turn();
        EXPECT_TRUE((co_await sleep_until(loop::current().now().steady)).has_value());
        EXPECT_EQ(loop::current().turn(), turn);
    }());
}

TEST(sleep, is_cut_short_by_a_deadline) {
    lab lab;
    lab.run([]() -> task<> {
        const auto slept = co_await with_deadline(1s, sleep_for(2s));
        EXPECT_EQ(slept.error().code, errc::timed_out);
    }());
}

TEST(sleep, is_ended_by_a_stop) {
    lab lab;
    lab.run([]() -> task<> {
        stop_source stop;
        scope children;
        children.spawn([](stop_source& what) -> task<> {
            co_await sleep_for(1s);
            what.stop();
        }(stop));
        const auto slept = co_await with_stop(stop, sleep_for(1h));
        EXPECT_EQ(slept.error().code, errc::cancelled);
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 1s);
}

TEST(sleep, under_a_stopped_source_does_not_begin) {
    lab lab;
    lab.run([]() -> task<> {
        stop_source stop;
        stop.stop();
        const auto slept = co_await with_stop(stop, sleep_for(1h));
        EXPECT_EQ(slept.error().code, errc::cancelled);
    }());
    EXPECT_EQ(lab.passed(), 0s);
}

}  // namespace
}  // namespace hawser
