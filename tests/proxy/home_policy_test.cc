// SPDX-License-Identifier: Apache-2.0
#include "proxy/home_policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "proxy/placement.h"
#include "upstream/yard.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using affinity::cause;
using affinity::verdict;
using upstream::described;

constexpr steady_time now{1h};

/// A session whose home is `a`, of three servers.
struct lodger {
    explicit lodger(upstream::pool_settings settings = {})
        : at({described("a"), described("b"), described("c")}, std::move(settings)) {
        seen.home.home = at["a"].id();
        seen.home.moves = 1;
    }

    [[nodiscard]] session_case its_case() const {
        return {.servers = at.pool, .found = found, .session = seen, .now = now};
    }
    [[nodiscard]] cause why() const { return ask_home(its_case()).why; }
    [[nodiscard]] without_home rule() const { return rule_without_home(its_case(), why()); }

    upstream::yard at;
    affinity::finding found;
    registry::seen seen;
};

TEST(home_policy, a_home_that_is_up_serves_its_session) {
    const lodger one;
    EXPECT_EQ(ask_home(one.its_case()).home, &one.at["a"]);
    EXPECT_EQ(one.why(), cause::none);
}

TEST(home_policy, asking_takes_no_trial_of_a_home_that_is_out) {
    const lodger one;
    auto& home = one.at["a"];
    home.health.take_out(now + 5s);
    EXPECT_EQ(one.why(), cause::home_down);
    auto later = one.its_case();
    later.now = now + 5s;
    EXPECT_TRUE(ask_home(later).needs_trial);
    EXPECT_EQ(ask_home(later).why, cause::none);
    EXPECT_TRUE(home.health.is_trial_due(later.now));
}

TEST(home_policy, looking_for_openings_takes_no_trial_where_nobody_is_sent) {
    lodger one;
    one.seen.home.home = no_server_id;
    for (const char* name : {"a", "b", "c"}) one.at[name].health.take_out(now);
    auto supposed = one.its_case();
    supposed.is_supposed = true;
    std::vector<upstream::server*> scratch;
    EXPECT_EQ(openings_for(supposed, scratch).usable.size(), 1u);
    EXPECT_TRUE(one.at["a"].health.is_trial_due(now));
    EXPECT_EQ(openings_for(one.its_case(), scratch).usable.size(), 1u);
    EXPECT_FALSE(one.at["a"].health.is_trial_due(now));
}

TEST(home_policy, two_processes_that_serve_give_a_new_key_the_same_home) {
    lodger one;
    lodger other;
    std::vector<upstream::server*> scratch;
    std::set<std::string> homes;
    for (std::uint64_t key = 1; key <= 50; ++key) {
        std::vector<std::string> chosen;
        for (auto* each : {&one, &other}) {
            each->seen.home.home = no_server_id;
            each->found.key = {{key * 0x9e3779b97f4a7c15, key}};
            each->found.why = cause::unknown_key;
            auto alone = each->its_case();
            const auto usable = openings_for(alone, scratch).usable;
            EXPECT_EQ(settled_choice(alone, usable), nullptr) << "the balancer chooses";
            alone.is_shared = true;
            chosen.push_back(settled_choice(alone, usable)->name());
        }
        EXPECT_EQ(chosen[0], chosen[1]);
        homes.insert(chosen[0]);
    }
    EXPECT_EQ(homes.size(), 3u);
    one.found.why = cause::no_key;
    auto unnamed = one.its_case();
    unnamed.is_shared = true;
    EXPECT_EQ(settled_choice(unnamed, openings_for(unnamed, scratch).usable), nullptr);
}

TEST(home_policy, whoever_has_served_a_session_meanwhile_keeps_it_from_a_home_that_has_forgotten) {
    lodger one;
    one.seen.home.instance = 7;
    one.at["a"].announce(8, now);
    EXPECT_TRUE(ask_home(one.its_case()).is_stale);
    EXPECT_EQ(one.why(), cause::none);
    one.seen.away = true;
    EXPECT_EQ(one.why(), cause::stale);
    EXPECT_EQ(one.rule(), without_home::moves);
}

TEST(home_policy, what_this_request_has_bound_is_neither_let_go_nor_forgotten) {
    lodger one;
    one.seen.home.instance = 7;
    one.at["a"].announce(8, now);
    auto bound = one.its_case();
    bound.so_far = verdict::fresh;
    EXPECT_FALSE(ask_home(bound).is_stale);
    EXPECT_EQ(rule_without_home(bound, cause::home_down), without_home::moves);
}

TEST(home_policy, a_valuable_session_has_a_rule_of_its_own) {
    lodger one({.valuable = {.when_home_is_down =
                                 upstream::home_down_rule{.then = upstream::home_down::refuse}}});
    one.at["a"].health.take_down();
    EXPECT_EQ(one.rule(), without_home::moves);
    one.seen.before.is_valuable = true;
    EXPECT_EQ(one.rule(), without_home::is_refused);
}

TEST(home_policy, successors_that_name_each_other_in_a_circle_come_to_an_end) {
    lodger one({.when_home_is_down = {.then = upstream::home_down::successor},
                .successors = {{server_id_of("shop", "a"), server_id_of("shop", "b")},
                               {server_id_of("shop", "b"), server_id_of("shop", "c")},
                               {server_id_of("shop", "c"), server_id_of("shop", "b")}}});
    const auto left = one.its_case();
    named_successors line(left);
    EXPECT_EQ(line.next(), &one.at["b"]);
    EXPECT_EQ(line.next(), &one.at["c"]);
    std::size_t more = 0;
    while (line.next() != nullptr) ++more;
    EXPECT_LE(more, 1u);
}

}  // namespace
}  // namespace hawser::proxy
