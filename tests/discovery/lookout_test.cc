// SPDX-License-Identifier: Apache-2.0
#include "discovery/lookout.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <utility>
#include <vector>

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
        std::vector<source> sources;
        sources.push_back({.how = std::move(made)});
        who = std::make_unique<lookout>("shop", std::move(sources), farewell::drain,
                                        std::move(before), [this] { ++changes; });
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

// ---- several sources ------------------------------------------------------------------------

/// A lookout for two releases.
struct tower {
    explicit tower(membership before = {}) {
        std::vector<source> sources;
        for (auto [script, release] : {std::pair(&old, "old"), std::pair(&fresh, "fresh")}) {
            auto made = std::make_unique<scripted>();
            *script = made.get();
            sources.push_back({.how = std::move(made), .release = release});
        }
        who.emplace("shop", std::move(sources), farewell::drain, std::move(before), [] {});
        looking.spawn(who->keep_looking());
    }
    task<> sees(scripted& where, result<sightings> what) {
        where.sees(std::move(what));
        (void)co_await sleep_for(1s);
    }
    task<> end() {
        who->stop();
        co_await looking.join();
    }
    /// `a:old b:fresh -c:old`: c is leaving.
    [[nodiscard]] std::string members() const {
        std::string text;
        for (const auto& each : who->members().members())
            text += (text.empty() ? "" : " ") + std::string(each.gone_since ? "-" : "") +
                    each.seen.name + ":" + each.seen.release;
        return text;
    }

    scripted* old = nullptr;
    scripted* fresh = nullptr;
    std::optional<lookout> who;
    scope looking;
};

SIM_TEST(lookout, tells_by_the_source_which_release_a_server_runs) {
    tower at;
    co_await at.sees(*at.old, of({"a", "b"}));
    EXPECT_EQ(at.members(), "a:old b:old");
    EXPECT_FALSE(at.who->has_looked()) << "not everywhere";
    co_await at.sees(*at.fresh, of({"c"}));
    EXPECT_EQ(at.members(), "a:old b:old c:fresh");
    EXPECT_TRUE(at.who->has_looked());
    co_await at.sees(*at.old, of({"b"}));
    EXPECT_EQ(at.members(), "-a:old b:old c:fresh");
    co_await at.end();
}

SIM_TEST(lookout, keeps_the_last_good_answer_of_each_source) {
    tower at;
    co_await at.sees(*at.old, of({"a"}));
    co_await at.sees(*at.fresh, of({"b"}));
    co_await at.sees(*at.fresh, fail(errc::unavailable, "nobody answers"));
    EXPECT_EQ(at.who->so_far().trouble, "nobody answers");
    co_await at.sees(*at.old, of({"c"}));
    EXPECT_EQ(at.members(), "-a:old b:fresh c:old");
    EXPECT_EQ(at.who->so_far().trouble, "nobody answers");
    co_await at.sees(*at.fresh, of({"b"}));
    EXPECT_EQ(at.who->so_far().trouble, "");
    co_await at.end();
}

SIM_TEST(lookout, keeps_those_of_a_source_that_has_told_nothing_yet) {
    membership before;
    auto were = of({"a", "b"}).servers;
    were[0].release = "old";
    were[1].release = "fresh";
    before.begin_with(were);
    tower at(before);
    co_await at.sees(*at.old, of({"c"}));
    EXPECT_EQ(at.members(), "-a:old b:fresh c:old");
    co_await at.end();
}

SIM_TEST(lookout, believes_a_source_sooner_than_what_was_before) {
    membership before;
    auto were = of({"a", "b"}).servers;
    for (auto& each : were) each.release = "old";
    before.begin_with(were);
    tower at(before);
    co_await at.sees(*at.fresh, of({"a"}));
    EXPECT_EQ(at.members(), "a:fresh b:old");
    EXPECT_EQ(at.who->so_far().trouble, "");
    co_await at.sees(*at.old, of({"b"}));
    EXPECT_EQ(at.members(), "a:fresh b:old");
    co_await at.end();
}

SIM_TEST(lookout, has_whom_two_sources_name_once_and_tells_of_it) {
    tower at;
    co_await at.sees(*at.fresh, of({"a", "b"}));
    co_await at.sees(*at.old, of({"a"}));
    EXPECT_EQ(at.members(), "a:old b:fresh");
    EXPECT_EQ(at.who->so_far().trouble, "a runs `old`, and is found for `fresh` too");
    co_await at.sees(*at.fresh, of({"b"}));
    EXPECT_EQ(at.who->so_far().trouble, "");
    co_await at.end();
}

SIM_TEST(lookout, ends_while_it_waits_when_it_is_stopped) {
    post at;
    co_await at.end();
    EXPECT_FALSE(at.who->has_looked());
}

}  // namespace
}  // namespace hawser::discovery
