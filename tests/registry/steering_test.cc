// SPDX-License-Identifier: Apache-2.0
// What operators do with sessions that a walk has shown them.
#include "lab.h"
#include "registry/ended_sessions.h"
#include "upstream/leave_terms.h"
#include "upstream/rebalance.h"

namespace hawser::registry {
namespace {

session_view view(const lab& at, std::string_view client) {
    const auto found = at.table->find(shop, key_of(client), at.now.steady);
    ensure(found.has_value(), "it lives");
    return *found;
}

TEST(steering, a_moved_session_lives_elsewhere_and_its_client_is_told) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    lab.wait(5s);
    EXPECT_TRUE(lab.table->move(view(lab, "ann"),
                                {.home = green, .instance = 7, .why = affinity::cause::operator_},
                                lab.now));
    const auto seen = lab.enter_with("ann", token);
    EXPECT_EQ(seen.home.home, green);
    EXPECT_EQ(seen.home.instance, 7u);
    EXPECT_EQ(seen.home.moves, token.moves + 1);
    EXPECT_GT(seen.home.issued, token.issued);
    EXPECT_FALSE(view(lab, "ann").carried);
    lab.leave(seen);
    EXPECT_EQ(lab.at(green).established, 1u);
    EXPECT_EQ(lab.at(blue).established, 0u);
    EXPECT_EQ(lab.counts().since_start.moves[std::size_t(affinity::cause::operator_)], 1u);
    lab.table->verify();
}

TEST(steering, a_request_under_way_does_not_take_a_moved_session_back) {
    lab lab;
    const auto under_way = lab.enter_with("ann", lab.settle("ann", blue));
    lab.table->move(view(lab, "ann"), {.home = green}, lab.now);
    EXPECT_EQ(lab.claim(under_way, red, affinity::cause::home_down).home, green);
    lab.leave(under_way);
}

TEST(steering, a_pinned_session_says_so_until_it_is_let_go_of) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    EXPECT_TRUE(lab.table->pin(view(lab, "ann"), true, lab.now.steady));
    EXPECT_TRUE(view(lab, "ann").stands().is_pinned);
    const auto seen = lab.enter_with("ann", token);
    EXPECT_TRUE(seen.before.is_pinned);
    lab.leave(seen);
    EXPECT_TRUE(lab.table->pin(view(lab, "ann"), false, lab.now.steady));
    EXPECT_FALSE(view(lab, "ann").pinned);
}

TEST(steering, a_pinned_session_is_let_go_by_no_drain_and_given_away_by_no_balance) {
    const upstream::standing pinned{.idle = 5h, .is_pinned = true};
    const upstream::standing free{.idle = 5h};
    upstream::drain_policy cuts;
    for (auto& each : cuts.rules) each = upstream::leave_rule::cut();
    EXPECT_TRUE(cuts.lets_go(free));
    EXPECT_FALSE(cuts.lets_go(pinned));
    upstream::leave_terms terms;
    terms.set(cuts);
    EXPECT_TRUE(terms.lets_go(free));
    EXPECT_FALSE(terms.lets_go(pinned));
    terms.end();
    EXPECT_TRUE(terms.lets_go(pinned)) << "at the deadline everybody leaves";
    upstream::balance_due due;
    due.give(9, 1s);
    EXPECT_TRUE(due.lets_go(free));
    EXPECT_FALSE(due.lets_go(pinned));
}

TEST(steering, a_pin_is_told_to_other_processes) {
    lab here;
    here.settle("ann", blue);
    here.table->note_changes();
    here.table->pin(view(here, "ann"), true, here.now.steady);
    std::array<record, 4> told;
    cursor at;
    std::size_t count = 0;
    while (!at.done && count == 0) count = here.table->changes(at, told, here.now);
    ASSERT_EQ(count, 1u);
    EXPECT_TRUE(told[0].pinned);
    lab there;
    ASSERT_TRUE(there.table->restore(told[0], there.now));
    EXPECT_TRUE(view(there, "ann").pinned);
    there.table->verify();
}

TEST(steering, an_ended_session_is_over_and_what_its_client_carries_is_known_as_ended) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    const auto other = lab.settle("bob", blue);
    EXPECT_TRUE(lab.table->end(view(lab, "ann"), lab.now).value());
    EXPECT_FALSE(lab.has("ann"));
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::ended);
    EXPECT_EQ(lab.table->why_over(pool_id_of("other"), token.session), affinity::cause::none);
    EXPECT_EQ(lab.table->why_over(shop, other.session), affinity::cause::none);
    EXPECT_EQ(of(end_cause::ended, lab.counts().since_start.ends), 1u);
    lab.table->verify();
}

TEST(steering, an_ended_session_is_forgotten_once_its_token_can_count_no_more) {
    lab lab;
    lab.table->configure(shop, {.idle = 10min, .absolute = 1h});
    const auto token = lab.settle("ann", blue);
    lab.wait(5min);
    ASSERT_TRUE(lab.table->end(view(lab, "ann"), lab.now).value());
    lab.wait(59min);
    for (int n = 0; n < 64; ++n) lab.sweep();
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::ended);
    lab.wait(2min);
    for (int n = 0; n < 64; ++n) lab.sweep();
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::none);
}

TEST(steering, a_revoked_session_is_remembered_as_long_as_its_token_could_be_valid) {
    lab lab;
    lab.table->configure(shop, {.idle = 10min, .absolute = 1h});
    const auto token = lab.settle("ann", blue);
    EXPECT_TRUE(lab.table->revoke(shop, token.session, lab.now));
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::replayed);
    lab.wait(10min + 59s);
    for (int n = 0; n < 64; ++n) lab.sweep();
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::replayed);
    lab.wait(2s);
    for (int n = 0; n < 64; ++n) lab.sweep();
    EXPECT_EQ(lab.table->why_over(shop, token.session), affinity::cause::none);
}

TEST(steering, half_of_the_room_for_ended_sessions_is_kept_for_operators) {
    ended_sessions ended(64 * 9);
    std::size_t revoked = 0;
    session_id one{};
    for (std::uint8_t n = 1; n <= 20; ++n) {
        one.bytes[1] = n;
        revoked += ended.add({shop, one}, affinity::cause::replayed, tick(100), tick(1));
    }
    EXPECT_EQ(revoked, 5u);
    one.bytes[1] = 21;
    EXPECT_TRUE(ended.add({shop, one}, affinity::cause::ended, tick(100), tick(1)));
    one.bytes[1] = 1;
    EXPECT_TRUE(ended.add({shop, one}, affinity::cause::replayed, tick(100), tick(1)));
}

TEST(steering, what_is_over_cannot_be_steered) {
    lab lab;
    lab.settle("ann", blue);
    const auto before = view(lab, "ann");
    lab.table->end(shop, key_of("ann"), lab.now.steady);
    lab.settle("bob", red);
    EXPECT_FALSE(lab.table->move(before, {.home = green}, lab.now));
    EXPECT_FALSE(lab.table->pin(before, true, lab.now.steady));
    EXPECT_FALSE(lab.table->end(before, lab.now).value());
    EXPECT_EQ(lab.at(red).established, 1u);
}

TEST(steering, ended_sessions_beyond_the_bound_are_refused_until_others_lapse) {
    ended_sessions all(64);
    session_id one;
    const auto add = [&](std::uint8_t number, int until, int now) {
        one.bytes[15] = number;
        return all.add({shop, one}, affinity::cause::ended, tick{std::uint32_t(until)},
                       tick{std::uint32_t(now)});
    };
    EXPECT_TRUE(add(1, 10, 0));
    EXPECT_TRUE(add(2, 10, 0));
    EXPECT_TRUE(add(2, 10, 0)) << "it is there already";
    EXPECT_FALSE(add(3, 10, 5));
    EXPECT_TRUE(add(3, 20, 11));
    EXPECT_EQ(all.why(shop, one), affinity::cause::ended);
    one.bytes[15] = 1;
    EXPECT_EQ(all.why(shop, one), affinity::cause::none);
}

TEST(steering, a_walk_selects_by_idle_age_kind_user_and_pin) {
    lab lab;
    const auto begin = [&](std::string_view client, const traits& what) {
        const auto first = lab.table->enter(shop, named(client), lab.now, what);
        const auto token = lab.claim(first, blue);
        lab.leave(first);
        lab.request(client, token);
    };
    begin("old", {.kind = 1, .user = 5});
    lab.wait(10min);
    begin("young", {.kind = 2});
    lab.table->pin(view(lab, "young"), true, lab.now.steady);
    lab.wait(1min);
    lab.first_request("passing");

    const auto ask = [&](const selection& which) {
        std::array<session_view, 8> some;
        std::size_t count = 0;
        for (cursor at; !at.done;) count += lab.table->walk(at, which, some, lab.now.steady);
        return count;
    };
    EXPECT_EQ(ask({}), 3u);
    EXPECT_EQ(ask({.pool = shop, .idle_least = 1min}), 2u);
    EXPECT_EQ(ask({.idle_below = 1min}), 1u);
    EXPECT_EQ(ask({.age_least = 11min}), 1u);
    EXPECT_EQ(ask({.age_below = 11min}), 2u);
    EXPECT_EQ(ask({.kind = 2}), 1u);
    EXPECT_EQ(ask({.user = 5}), 1u);
    EXPECT_EQ(ask({.pinned = true}), 1u);
    EXPECT_EQ(ask({.pinned = false}), 2u);
    EXPECT_EQ(ask({.tentative = true}), 1u);
    EXPECT_EQ(ask({.idle_least = 1min, .kind = 1}), 1u);
}

TEST(steering, a_user_is_known_once_the_session_says_who_it_is) {
    lab lab;
    const auto seen = lab.enter_with("ann", lab.settle("ann", blue));
    lab.table->set_user(seen.handle, 77);
    lab.table->set_user({}, 78);
    lab.leave(seen);
    EXPECT_EQ(view(lab, "ann").what.user, 77u);
}

}  // namespace
}  // namespace hawser::registry
