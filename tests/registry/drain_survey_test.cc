// SPDX-License-Identifier: Apache-2.0
#include "registry/drain_survey.h"

#include "lab.h"

namespace hawser::registry {
namespace {

using upstream::drain_policy;
using upstream::leave_rule;
using upstream::session_class;

std::uint64_t staying(const drain_left& left, session_class of) {
    return left.staying[static_cast<std::size_t>(of)];
}

drain_left survey(lab& lab, const drain_policy& by, server_id home = blue) {
    drain_survey asked({{.home = home, .policy = by}});
    while (!asked.advance(*lab.table, lab.now.steady)) {
    }
    return *asked.find(home);
}

TEST(drain_survey, counts_who_stays_by_class_and_who_is_let_go) {
    lab lab;
    lab.settle("idle");
    lab.first_request("crawler");
    lab.wait(10min);
    lab.settle("active");
    lab.first_request("tentative");
    lab.settle("elsewhere", green);
    const seen tunnel = lab.enter_with("tunnel", lab.settle("tunnel"));
    lab.table->begin_tunnel(tunnel.handle);

    const auto left = survey(lab, drain_policy());
    EXPECT_EQ(staying(left, session_class::idle), 1u);
    EXPECT_EQ(staying(left, session_class::active), 1u);
    EXPECT_EQ(staying(left, session_class::tentative), 1u);
    EXPECT_EQ(staying(left, session_class::tunnel), 1u);
    EXPECT_EQ(left.sessions(), 4u);
    EXPECT_EQ(left.leaving, 1u) << "the crawler";
    EXPECT_EQ(left.tunnels, 1u);
    EXPECT_EQ(left.idle, (std::array<std::uint64_t, 5>{3, 0, 0, 1, 0})) << "5 to 15 minutes";
    lab.table->end_tunnel(tunnel.handle, lab.now.steady);
    lab.leave(tunnel);
}

TEST(drain_survey, counts_a_request_in_flight_as_staying_whatever_its_rule) {
    lab lab;
    drain_policy moves;
    moves.of(session_class::active) = leave_rule::move();
    const seen busy = lab.enter_with("busy", lab.settle("busy"));
    EXPECT_EQ(survey(lab, moves).sessions(), 1u);
    lab.leave(busy);
    EXPECT_EQ(survey(lab, moves).sessions(), 0u);
    EXPECT_EQ(survey(lab, moves).leaving, 1u);
}

TEST(drain_survey, is_about_several_servers_each_by_its_own_policy) {
    lab lab;
    drain_policy moves;
    moves.of(session_class::active) = leave_rule::move();
    lab.settle("ann", blue);
    lab.settle("bob", green);
    lab.settle("cid", red);
    drain_survey asked({{.home = green, .policy = moves}, {.home = blue, .policy = {}}});
    while (!asked.advance(*lab.table, lab.now.steady)) {
    }
    EXPECT_EQ(asked.find(blue)->sessions(), 1u);
    EXPECT_EQ(asked.find(green)->sessions(), 0u);
    EXPECT_EQ(asked.find(red), nullptr);
}

// ---- when will it be empty? -----------------------------------------------------------------

histogram all_of(std::uint64_t seconds, std::uint64_t count) {
    histogram made;
    for (std::uint64_t n = 0; n < count; ++n) made.add(seconds);
    return made;
}

TEST(time_to_empty, is_unknown_where_too_few_sessions_have_ended) {
    EXPECT_FALSE(
        time_to_empty(all_of(100, limits::drain_lifetimes_min - 1), all_of(1, 5), 60s, 1h));
    EXPECT_TRUE(time_to_empty(all_of(100, limits::drain_lifetimes_min), all_of(1, 5), 60s, 1h));
}

TEST(time_to_empty, is_the_longest_life_and_the_wait_behind_it_less_the_age) {
    // They live for 64 to 127 s, and hold their server for 60 s more.
    const auto young = time_to_empty(all_of(100, 1000), all_of(1, 1000), 60s, 1h);
    ASSERT_TRUE(young);
    EXPECT_GE(*young, 180s);
    EXPECT_LE(*young, 188s);
    const auto old = time_to_empty(all_of(100, 1000), all_of(100, 1000), 60s, 1h);
    ASSERT_TRUE(old);
    EXPECT_LT(*old, *young);
}

TEST(time_to_empty, is_longer_for_more_sessions) {
    histogram lives = all_of(10, 900);
    lives += all_of(1000, 100);
    const auto few = time_to_empty(lives, all_of(1, 3), 10s, 1h);
    const auto many = time_to_empty(lives, all_of(1, 3000), 10s, 1h);
    ASSERT_TRUE(few && many);
    EXPECT_LT(*few, *many);
}

TEST(time_to_empty, does_not_wait_for_nobody) {
    EXPECT_EQ(time_to_empty(all_of(100, 1000), histogram(), 60s, 1h), 0s);
}

TEST(time_to_empty, is_unknown_beyond_what_was_asked_for) {
    EXPECT_FALSE(time_to_empty(all_of(100'000, 1000), all_of(1, 10), 60s, 1h));
}

// ---- releasing ------------------------------------------------------------------------------

void release(lab& lab, server_id home) {
    for (cursor at; !at.done;) lab.table->release(at, {.pool = shop, .home = home});
}

TEST(registry_release, leaves_a_home_without_sessions) {
    lab lab;
    lab.settle("ann", blue);
    lab.first_request("tentative", blue);
    lab.settle("bob", green);
    release(lab, blue);
    EXPECT_EQ(lab.at(blue).established + lab.at(blue).tentative, 0u);
    EXPECT_EQ(lab.at(green).established, 1u);
    EXPECT_EQ(lab.counts().established(), 2u) << "they live on";
    lab.table->verify();
}

TEST(registry_release, lets_a_client_bring_along_what_it_carries) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    release(lab, blue);
    const seen back = lab.enter_with("ann", token);
    EXPECT_TRUE(back.known);
    EXPECT_EQ(back.home.home, blue) << "so that whoever chooses knows what it left";
    const auto given = lab.claim(back, green, affinity::cause::drained);
    EXPECT_EQ(given.home, green);
    EXPECT_EQ(given.moves, token.moves + 1);
    lab.leave(back);
    EXPECT_EQ(lab.counts().since_start.moves[std::size_t(affinity::cause::drained)], 1u);
    lab.table->verify();
}

TEST(registry_release, leaves_alone_who_is_at_work) {
    lab lab;
    const seen busy = lab.enter_with("busy", lab.settle("busy", blue));
    release(lab, blue);
    EXPECT_EQ(lab.at(blue).established, 1u);
    lab.leave(busy);
    lab.table->verify();
}

// ---- how a session stood before its request -------------------------------------------------

TEST(standing, is_told_as_it_was_before_the_request) {
    lab lab;
    const auto token = lab.first_request("ann");
    lab.wait(3min);
    const seen second = lab.enter_with("ann", token);
    EXPECT_EQ(second.before, (upstream::standing{.idle = 3min, .is_tentative = true}));
    lab.table->begin_tunnel(second.handle);
    lab.wait(1min);
    const seen beside = lab.enter_with("ann", token);
    EXPECT_EQ(beside.before, (upstream::standing{.idle = 0s, .has_tunnel = true}));
    lab.leave(beside);
    lab.table->end_tunnel(second.handle, lab.now.steady);
    lab.leave(second);
}

}  // namespace
}  // namespace hawser::registry
