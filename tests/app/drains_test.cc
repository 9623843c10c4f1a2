// SPDX-License-Identifier: Apache-2.0
#include "app/drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/hash.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using upstream::admin_state;
using upstream::drain_policy;

/// A pool of two servers, its registry, and the drains of a node, at a moment the test moves.
struct yard {
    yard() { drains.set_idle_limit(pool->id(), 30min); }

    static std::shared_ptr<const upstream::pool> make_pool() {
        std::vector<std::shared_ptr<upstream::server>> servers;
        for (const auto* name : {"a", "b"})
            servers.push_back(std::make_shared<upstream::server>(
                "shop",
                upstream::server_description{
                    .name = name, .address = io::endpoint::parse("192.0.2.1:80").value()},
                1, std::uint32_t(servers.size())));
        return std::make_shared<const upstream::pool>("shop", upstream::pool_settings(),
                                                      std::move(servers));
    }

    upstream::server& a() { return *pool->servers()[0]; }
    const drain& begin(const drain_policy& by = {}) {
        a().set_state(admin_state::drain);
        return drains.begin(*pool, pool->servers()[0], by, now.steady);
    }
    void wait(std::chrono::milliseconds time) {
        now.steady += time;
        now.wall += time;
        drains.look({.number = number, .pools = {pool}}, now.steady);
    }
    /// As whoever changes states does, by a snapshot of its own.
    void set(admin_state wanted) {
        a().set_state(wanted);
        drains.look_into("shop");
        ++number;
    }
    const drain& of_a() { return *drains.find(a().id()); }

    /// A session of `a` that has come back.
    affinity::binding settle(std::uint64_t client) {
        affinity::finding found{
            .key = {{client, client}}, .session = {}, .carried = {}, .lapsed = {}};
        auto seen = sessions->enter(pool->id(), found, now);
        const auto given = sessions->claim(seen.handle, seen.home, {.home = a().id()}, now);
        sessions->leave(seen.handle, now.steady);
        found.carried = given;
        seen = sessions->enter(pool->id(), found, now);
        sessions->leave(seen.handle, now.steady);
        return given;
    }

    std::uint64_t sessions_of_a() const {
        const auto counts = sessions->counts();
        const auto* of_pool = counts.find(pool->id());
        const auto* of_server =
            of_pool != nullptr ? of_pool->find(pool->servers()[0]->id()) : nullptr;
        return of_server != nullptr ? of_server->established + of_server->tentative : 0;
    }

    instant now{steady_time(1000h), wall_time(std::chrono::milliseconds(1'790'000'000'000))};
    std::uint64_t number = 1;
    std::shared_ptr<const upstream::pool> pool = make_pool();
    std::unique_ptr<registry::registry> sessions =
        registry::registry::create(
            {.capacity = 1000, .tentative_capacity = 100, .extra_keys = 10, .lives = {}},
            now.steady)
            .value();
    std::vector<proxy::parting> calls;
    app::drains drains{*sessions, [this](const upstream::server&, const proxy::parting& what) {
                           calls.push_back(what);
                       }};
};

TEST(drains, e174_end_at_zero) {
    yard yard;
    yard.settle(1);
    yard.begin();
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    EXPECT_EQ(yard.of_a().left->sessions(), 1u);
    EXPECT_FALSE(yard.a().is_drained());

    ASSERT_TRUE(yard.sessions->end(yard.pool->id(), {{1, 1}}, yard.now.steady));
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
    EXPECT_FALSE(yard.of_a().is_past_deadline);
    EXPECT_TRUE(yard.a().is_drained());
    EXPECT_TRUE(yard.calls.back().unused);
    EXPECT_EQ(yard.drains.counts().ended_empty, 1u);
}

TEST(drains, e174_end_at_the_deadline_and_leave_the_server_without_sessions) {
    yard yard;
    yard.settle(1);
    yard.settle(2);
    yard.begin({.deadline = 10s});
    yard.wait(9s);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    yard.wait(1s);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
    EXPECT_TRUE(yard.of_a().is_past_deadline);
    EXPECT_EQ(yard.of_a().released, 2u);
    EXPECT_EQ(yard.sessions_of_a(), 0u);
    EXPECT_EQ(yard.drains.counts().ended_at_deadline, 1u);
}

TEST(drains, wait_at_the_deadline_for_what_is_cut_but_not_for_ever) {
    yard yard;
    upstream::request_mark under_way(yard.a().load.of_worker(0));
    yard.begin({.deadline = 1s, .cut_within = 5s});
    yard.wait(1s);
    EXPECT_EQ(yard.of_a().phase, drain_phase::cutting);
    EXPECT_TRUE(yard.calls.back().tunnels);
    EXPECT_TRUE(yard.calls.back().answers);
    EXPECT_EQ(yard.calls.back().within, 5s);
    yard.wait(5s + limits::drain_farewell_time);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
}

TEST(drains, let_go_of_all_sessions_before_the_server_counts_as_drained) {
    yard yard;
    yard.settle(1);
    {
        const upstream::request_mark under_way(yard.a().load.of_worker(0));
        yard.begin({.deadline = 1s});
        yard.wait(1s);
    }
    EXPECT_EQ(yard.sessions_of_a(), 1u) << "nothing is in flight now, but nobody has looked";
    EXPECT_FALSE(yard.drains.is_drained(yard.a()));
    yard.wait(100ms);
    EXPECT_EQ(yard.sessions_of_a(), 0u);
    EXPECT_TRUE(yard.drains.is_drained(yard.a()));
    yard.set(admin_state::ready);
    yard.wait(100ms);
    EXPECT_FALSE(yard.drains.is_drained(yard.a()));
}

TEST(drains, do_not_end_while_a_request_is_in_flight) {
    yard yard;
    {
        const upstream::request_mark under_way(yard.a().load.of_worker(0));
        yard.begin();
        yard.wait(100ms);
        EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
        EXPECT_TRUE(yard.calls.empty()) << "nothing is cut by these rules";
    }
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
}

TEST(drains, cut_what_their_rules_want_cut) {
    yard yard;
    const upstream::request_mark under_way(yard.a().load.of_worker(0));
    drain_policy cuts;
    cuts.of(upstream::session_class::tunnel) = upstream::leave_rule::cut();
    yard.begin(cuts);
    yard.wait(100ms);
    ASSERT_FALSE(yard.calls.empty());
    EXPECT_TRUE(yard.calls.back().tunnels);
    EXPECT_FALSE(yard.calls.back().answers);
}

TEST(drains, begin_by_the_pools_policy_whoever_set_the_state) {
    yard yard;
    yard.wait(100ms);
    yard.set(admin_state::drain);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().policy, drain_policy());
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained) << "nobody was there";
}

TEST(drains, are_lifted_with_the_state) {
    yard yard;
    yard.settle(1);
    yard.begin({.deadline = 1s});
    yard.set(admin_state::ready);
    yard.wait(10s);
    EXPECT_EQ(yard.of_a().phase, drain_phase::lifted);
    EXPECT_EQ(yard.sessions_of_a(), 1u) << "it stays where it was";
    EXPECT_EQ(yard.drains.counts().lifted, 1u);
    yard.set(admin_state::drain);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining) << "and may begin again";
}

TEST(drains, begin_anew_where_a_server_was_ready_between_two_looks) {
    yard yard;
    const auto first = yard.begin().number;
    yard.wait(100ms);
    ASSERT_TRUE(yard.drains.is_drained(yard.a()));
    yard.a().set_state(admin_state::ready);
    yard.settle(1);
    yard.set(admin_state::drain);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    EXPECT_NE(yard.of_a().number, first);
    EXPECT_FALSE(yard.drains.is_drained(yard.a()));
}

TEST(drains, go_on_by_their_terms_where_a_server_was_ready_between_two_looks) {
    yard yard;
    yard.settle(1);
    drain_policy moves;
    moves.of(upstream::session_class::active) = upstream::leave_rule::move();
    yard.begin(moves);
    yard.a().set_state(admin_state::ready);
    yard.set(admin_state::drain);
    yard.wait(100ms);
    EXPECT_TRUE(yard.a().lets_go({.idle = 0s}));
}

TEST(drains, give_another_one_another_number) {
    yard yard;
    yard.settle(1);
    const auto first = yard.begin().number;
    const auto second = yard.begin({.deadline = 1min}).number;
    EXPECT_NE(first, second);
    EXPECT_EQ(yard.of_a().policy.deadline, 1min);
    EXPECT_EQ(yard.drains.counts().lifted, 1u);
}

TEST(drains, go_with_a_server_that_leaves_the_configuration) {
    yard yard;
    yard.settle(1);
    yard.begin();
    yard.drains.look({.number = 2, .pools = {}}, yard.now.steady);
    EXPECT_EQ(yard.drains.find(yard.a().id()), nullptr);
    EXPECT_EQ(yard.drains.counts().lifted, 1u);
}

TEST(drains, go_on_where_a_server_gets_another_address) {
    yard yard;
    yard.settle(1);
    const auto number = yard.begin().number;
    const auto moved = yard::make_pool();
    moved->servers()[0]->set_state(admin_state::drain);
    yard.drains.look({.number = 2, .pools = {moved}}, yard.now.steady);
    EXPECT_EQ(yard.of_a().number, number);
    EXPECT_EQ(yard.of_a().server, moved->servers()[0]);
    EXPECT_TRUE(moved->servers()[0]->lets_go({.idle = 1min, .is_tentative = true}));
}

TEST(drains, that_a_process_starts_with_are_empty_only_when_all_unknown_sessions_were_let_go) {
    yard yard;
    yard.set(admin_state::drain);
    yard.wait(100ms);
    yard.wait(29min);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    yard.wait(1min);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
}

TEST(drains, that_began_before_the_process_keep_their_deadline_terms_and_number) {
    yard yard;
    yard.drains.remember_by([](const auto&, const auto&) {
        return earlier_drain{.number = 7, .policy = drain_policy{.deadline = 30min}, .age = 20min};
    });
    yard.set(admin_state::drain);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().number, 7u);
    EXPECT_EQ(yard.drains.next_number(), 8u);
    yard.settle(1);
    yard.wait(9min);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    yard.wait(1min);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
    EXPECT_TRUE(yard.of_a().is_past_deadline);
}

TEST(drains, whose_deadline_came_before_the_process_are_over_at_once) {
    yard yard;
    yard.drains.remember_by([](const auto&, const auto&) {
        return earlier_drain{.policy = drain_policy{.deadline = 30min}, .age = 31min};
    });
    yard.set(admin_state::drain);
    yard.wait(0ms);
    EXPECT_TRUE(yard.a().is_drained());
}

TEST(drains, that_were_over_before_the_process_are_over_at_once) {
    for (const bool in_time : {true, false}) {
        yard yard;
        yard.settle(1);
        yard.drains.remember_by([in_time](const auto&, const auto&) {
            return earlier_drain{.number = 7,
                                 .policy = drain_policy{.deadline = 30min},
                                 .age = 1min,
                                 .is_over = true,
                                 .was_in_time = in_time};
        });
        yard.set(admin_state::drain);
        yard.wait(0ms);
        EXPECT_TRUE(yard.drains.is_drained(yard.a()));
        EXPECT_EQ(yard.of_a().number, 7u);
        EXPECT_EQ(yard.of_a().outcome(), in_time ? "empty" : "deadline");
        EXPECT_EQ(yard.sessions_of_a(), 0u) << "a snapshot may be older than the end";
    }
}

TEST(drains, that_a_process_starts_with_are_empty_at_once_where_all_sessions_are_known) {
    yard yard;
    yard.drains.know_all_sessions();
    yard.set(admin_state::drain);
    yard.wait(100ms);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
}

TEST(drains, do_not_end_empty_while_a_former_process_has_requests_there) {
    yard yard;
    yard.drains.share_with_former(true);
    yard.begin();
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::draining);
    yard.drains.share_with_former(false);
    yard.wait(100ms);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained);
}

TEST(drains, that_another_process_goes_on_with_are_counted_there) {
    yard yard;
    yard.settle(1);
    yard.begin({.deadline = 1s});
    yard.drains.leave_to_another();
    yard.wait(1s);
    EXPECT_EQ(yard.of_a().phase, drain_phase::drained) << "whoever comes here still moves";
    EXPECT_EQ(yard.drains.counts().ended_at_deadline, 0u);
    EXPECT_EQ(yard.drains.counts().begun, 1u);
}

TEST(drains, show_what_is_left) {
    yard yard;
    yard.settle(1);
    yard.begin();
    yard.wait(100ms);
    observe::exposition shown;
    collect_drains(shown, yard.drains);
    EXPECT_THAT(shown.text(), HasSubstr("hawser_drains_started_total 1\n"));
    EXPECT_THAT(
        shown.text(),
        HasSubstr("hawser_drain_sessions{pool=\"shop\",server=\"a\",class=\"active\"} 1\n"));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_drains_ended_total{outcome=\"empty\"} 0\n"));
}

}  // namespace
}  // namespace hawser::app
