// SPDX-License-Identifier: Apache-2.0
#include "discovery/lookout.h"

#include <gtest/gtest.h>

#include <deque>

#include "async/event.h"
#include "async/sleep.h"
#include "support/sim/sim_test.h"

namespace hawser::discovery {
namespace {

using namespace std::chrono_literals;

/// Sees what the test tells it to, one thing a look.
class scripted final : public discovery {
  public:
    task<result<sightings>> look() override {
        while (next_.empty())
            if (auto waited = co_await more_.wait(); !waited)
                co_return std::unexpected(std::move(waited.error()));
        auto seen = std::move(next_.front());
        next_.pop_front();
        co_return seen;
    }
    [[nodiscard]] std::string where() const override { return "the script"; }

    void sees(result<sightings> what) {
        next_.push_back(std::move(what));
        more_.set();
    }

  private:
    std::deque<result<sightings>> next_;
    event more_;
};

sightings of(std::initializer_list<std::string> names, std::string gap = {}) {
    sightings seen{.gap = std::move(gap)};
    for (const auto& each : names)
        seen.servers.push_back(
            {.name = each, .address = io::endpoint::parse("192.0.2.1:80").value()});
    return seen;
}

/// A lookout that looks, and how often it has told of a change.
struct post {
    explicit post(membership before = {}) {
        auto made = std::make_unique<scripted>();
        script = made.get();
        who = std::make_unique<lookout>("shop", std::move(made), farewell::drain, std::move(before),
                                        [this] { ++changes; });
        looking.spawn(who->keep_looking());
    }
    task<> sees(result<sightings> what) {
        script->sees(std::move(what));
        (void)co_await sleep_for(1s);
    }
    task<> end() {
        who->stop();
        co_await looking.join();
    }
    [[nodiscard]] std::size_t members() const { return who->members().members().size(); }

    scripted* script = nullptr;
    std::unique_ptr<lookout> who;
    int changes = 0;
    scope looking;
};

SIM_TEST(lookout, tells_of_changes_only) {
    post at;
    co_await at.sees(of({"a"}));
    EXPECT_EQ(at.changes, 1);
    co_await at.sees(of({"a"}));
    EXPECT_EQ(at.changes, 1);
    co_await at.sees(of({"a", "b"}));
    EXPECT_EQ(at.changes, 2);
    EXPECT_EQ(at.who->so_far().found, 3u);
    co_await at.end();
}

SIM_TEST(lookout, keeps_the_last_good_answer_through_failures) {
    post at;
    EXPECT_FALSE(at.who->has_looked());
    co_await at.sees(of({"a", "b"}));
    const auto found = at.who->so_far().last_found->steady;

    co_await at.sees(fail(errc::unavailable, "nobody answers"));

    EXPECT_EQ(at.members(), 2u);
    EXPECT_EQ(at.changes, 1);
    EXPECT_EQ(at.who->so_far().failed, 1u);
    EXPECT_EQ(at.who->so_far().trouble, "nobody answers");
    EXPECT_EQ(at.who->so_far().last_found->steady, found);

    co_await at.sees(of({"a"}, "no AAAA"));
    EXPECT_EQ(at.who->so_far().trouble, "no AAAA");
    co_await at.sees(of({"a"}));
    EXPECT_EQ(at.who->so_far().trouble, "");
    co_await at.end();
}

SIM_TEST(lookout, has_looked_once_it_has_failed) {
    post at;
    co_await at.sees(fail(errc::not_found, "no such name"));
    EXPECT_TRUE(at.who->has_looked());
    EXPECT_EQ(at.changes, 0);
    co_await at.end();
}

SIM_TEST(lookout, begins_with_those_who_were_there) {
    membership before;
    before.begin_with(of({"old"}).servers);
    post at(before);
    co_await at.sees(fail(errc::unavailable, "nobody answers"));
    EXPECT_EQ(at.members(), 1u);

    co_await at.sees(of({"new"}));
    EXPECT_EQ(at.who->members().leaving(), 1u);
    at.who->let_go([](std::string_view name) { return name == "old"; });

    EXPECT_EQ(at.members(), 1u);
    EXPECT_EQ(at.changes, 2);
    co_await at.end();
}

SIM_TEST(lookout, ends_while_it_waits_when_it_is_stopped) {
    post at;
    co_await at.end();
    EXPECT_FALSE(at.who->has_looked());
}

}  // namespace
}  // namespace hawser::discovery
