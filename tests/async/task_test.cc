// SPDX-License-Identifier: Apache-2.0
#include "async/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "async/lab.h"
#include "async/sleep.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

task<int> answer(bool& begun) {
    begun = true;
    co_return 42;
}

task<std::unique_ptr<int>> movable() { co_return std::make_unique<int>(7); }

task<int> count_down(int from) {
    int left = from;
    while (left > 0) {
        bool begun = false;
        left -= co_await answer(begun) / 42;
    }
    co_return left;
}

task<int> nested(int depth) {
    if (depth == 0) co_return 0;
    co_return 1 + co_await nested(depth - 1);
}

TEST(task, starts_only_when_it_is_awaited) {
    lab lab;
    bool begun = false;
    {
        const auto never_awaited = answer(begun);
    }
    EXPECT_FALSE(begun);

    lab.run([](bool& awaited) -> task<> { EXPECT_EQ(co_await answer(awaited), 42); }(begun));
    EXPECT_TRUE(begun);
}

TEST(task, gives_what_can_only_be_moved) {
    lab lab;
    lab.run([]() -> task<> { EXPECT_EQ(*co_await movable(), 7); }());
}

TEST(task, a_hundred_thousand_synchronous_ends_need_no_stack) {
    lab lab;
    lab.run([]() -> task<> { EXPECT_EQ(co_await count_down(100'000), 0); }());
}

TEST(task, a_deep_chain_returns_in_order) {
    lab lab;
    lab.run([]() -> task<> { EXPECT_EQ(co_await nested(1'000), 1'000); }());
}

/// Notes when a frame's variable dies.
struct mark {
    std::vector<std::string>& told;
    std::string name;
    ~mark() { told.push_back(name); }
};

TEST(task, its_variables_die_before_its_caller_goes_on) {
    lab lab;
    std::vector<std::string> told;
    lab.run([](std::vector<std::string>& into) -> task<> {
        co_await [](std::vector<std::string>& inner) -> task<> {
            const mark inside{inner, "inside"};
            co_await sleep_for(1ms);
        }(into);
        into.emplace_back("after");
    }(told));
    EXPECT_EQ(told, (std::vector<std::string>{"inside", "after"}));
}

TEST(task, what_it_awaits_inherits_its_context) {
    lab lab;
    stop_source stop;
    const context conditions{.stop = &stop};
    scope children(conditions);
    errc outcome{};
    children.spawn([](errc& into) -> task<> {
        const auto slept = co_await []() -> task<result<>> { co_return co_await sleep_for(1h); }();
        into = slept.error().code;
    }(outcome));
    lab.turn();

    stop.stop();
    lab.turn();

    EXPECT_EQ(outcome, errc::cancelled);
    EXPECT_EQ(children.running(), 0u);
}

}  // namespace
}  // namespace hawser
