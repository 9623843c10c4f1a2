// SPDX-License-Identifier: Apache-2.0
#include "async/scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/lab.h"
#include "async/sleep.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

task<> note(std::string& into, char what, steady_time::duration after) {
    co_await sleep_for(after);
    into += what;
}

TEST(scope, joins_when_the_last_child_has_ended) {
    lab lab;
    std::string told;
    lab.run([](std::string& into) -> task<> {
        scope children;
        children.spawn(note(into, 'b', 2s));
        children.spawn(note(into, 'a', 1s));
        co_await children.join();
        into += '.';
    }(told));
    EXPECT_EQ(told, "ab.");
    EXPECT_EQ(lab.passed(), 2s);
}

TEST(scope, joins_at_once_without_children) {
    lab lab;
    lab.run([]() -> task<> {
        scope children;
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 0s);
}

TEST(scope, a_child_starts_at_its_turn_and_not_within_spawn) {
    lab lab;
    std::string told;
    lab.run([](std::string& into) -> task<> {
        scope children;
        children.spawn(note(into, 'c', 0s));
        into += 'p';
        co_await children.join();
    }(told));
    EXPECT_EQ(told, "pc");
}

TEST(scope, a_child_may_spawn_another) {
    lab lab;
    std::string told;
    lab.run([](std::string& into) -> task<> {
        scope children;
        children.spawn([](scope& owner, std::string& inner) -> task<> {
            owner.spawn(note(inner, 'g', 1s));
            co_return;
        }(children, into));
        co_await children.join();
        into += '.';
    }(told));
    EXPECT_EQ(told, "g.");
}

TEST(scope, what_a_child_owns_is_gone_when_the_scope_is_joined) {
    lab lab;
    auto owned = std::make_shared<int>(1);
    lab.run([](std::shared_ptr<int>& shared) -> task<> {
        scope children;
        children.spawn([](std::shared_ptr<int>) -> task<> { co_await sleep_for(1s); }(shared));
        EXPECT_EQ(shared.use_count(), 2);
        co_await children.join();
        EXPECT_EQ(shared.use_count(), 1);
    }(owned));
}

TEST(scope, a_stop_ends_the_waits_of_all_children) {
    lab lab;
    lab.run([]() -> task<> {
        stop_source stop;
        const context conditions{.stop = &stop};
        scope children(conditions);
        for (int i = 0; i < 3; ++i) {
            children.spawn([]() -> task<> {
                const auto slept = co_await sleep_for(1h);
                EXPECT_EQ(slept.error().code, errc::cancelled);
            }());
        }
        co_await sleep_for(1s);
        stop.stop();
        co_await children.join();
    }());
    EXPECT_EQ(lab.passed(), 1s);
}

TEST(scope_death_test, dies_loudly_when_it_was_not_joined) {
    EXPECT_DEATH(
        {
            lab lab;
            std::string told;
            scope children;
            children.spawn(note(told, 'x', 1s));
        },
        "joined before it dies");
}

}  // namespace
}  // namespace hawser
