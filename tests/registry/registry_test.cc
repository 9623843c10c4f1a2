// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <array>
#include <cstdint>
#include <limits>

#include "lab.h"

namespace hawser::registry {
namespace {

TEST(registry, a_first_request_is_tentative_and_has_no_home) {
    lab lab;
    const seen who = lab.enter("ann");
    EXPECT_TRUE(who.handle);
    EXPECT_FALSE(who.known);
    EXPECT_TRUE(who.tentative);
    EXPECT_EQ(who.home.home, no_server_id);
    EXPECT_EQ(who.home.session, named("ann").session);
    EXPECT_EQ(who.home.born, 1'790'000'000u);
    lab.leave(who);
    lab.table->verify();
}

TEST(registry, a_claim_binds_and_the_next_request_finds_it) {
    lab lab;
    const auto given = lab.first_request("ann", green);
    EXPECT_EQ(given.home, green);
    EXPECT_EQ(given.moves, 0);

    const seen again = lab.enter("ann");
    EXPECT_TRUE(again.known);
    EXPECT_EQ(again.home, given);
    lab.leave(again);
}

TEST(registry, a_key_that_comes_back_ends_tentativeness) {
    lab lab;
    lab.first_request("ann");
    EXPECT_EQ(lab.at(blue).tentative, 1u);
    const seen again = lab.enter("ann");
    EXPECT_FALSE(again.tentative);
    lab.leave(again);
    EXPECT_EQ(lab.at(blue).tentative, 0u);
    EXPECT_EQ(lab.at(blue).established, 1u);
    EXPECT_EQ(lab.counts().since_start.returned, 1u);
}

TEST(registry, tells_by_what_its_data_is_known_until_it_ends) {
    lab lab;
    lab.settle("ann", blue);
    const auto data_of = [&] { return lab.table->find(shop, key_of("ann"), lab.now.steady)->data; };
    EXPECT_EQ(data_of(), (std::array<std::uint64_t, 2>{}));
    const seen who = lab.enter("ann");
    lab.table->set_data(who.handle, {7, 8});
    lab.leave(who);
    EXPECT_EQ(data_of(), (std::array<std::uint64_t, 2>{7, 8}));
    lab.table->end(shop, key_of("ann"), lab.now.steady);
    lab.settle("ann", blue);
    EXPECT_EQ(data_of(), (std::array<std::uint64_t, 2>{})) << "another session, in the same place";
}

TEST(registry, e160_a_second_claim_from_the_same_knowledge_gets_the_first_ones_home) {
    lab lab;
    const seen one = lab.enter("ann");
    const seen two = lab.enter("ann");
    EXPECT_EQ(lab.claim(one, blue).home, blue);
    EXPECT_EQ(lab.claim(two, green).home, blue);
    EXPECT_EQ(lab.at(blue).established, 1u);
    EXPECT_EQ(lab.at(green).established, 0u);
    lab.leave(one);
    lab.leave(two);
}

TEST(registry, e160_parallel_first_requests_agree_on_one_session_id) {
    lab lab;
    auto mine = named("ann");
    auto rival = named("ann");
    rival.session.bytes[5] = 99;
    const seen one = lab.table->enter(shop, mine, lab.now);
    const seen two = lab.table->enter(shop, rival, lab.now);
    EXPECT_EQ(two.home.session, one.home.session);
    lab.leave(one);
    lab.leave(two);
}

TEST(registry, e177_a_move_counts_once_for_parallel_requests_of_one_session) {
    lab lab;
    lab.settle("ann", blue);
    const seen one = lab.enter("ann");
    const seen two = lab.enter("ann");
    lab.wait(5s);
    const auto moved = lab.claim(one, green, affinity::cause::home_down);
    EXPECT_EQ(moved.home, green);
    EXPECT_EQ(moved.moves, 1);
    EXPECT_EQ(moved.issued, 1'790'000'005u);
    EXPECT_EQ(lab.claim(two, red, affinity::cause::home_down), moved);
    lab.leave(one);
    lab.leave(two);

    const auto pool = lab.counts();
    EXPECT_EQ(pool.since_start.moves[static_cast<std::size_t>(affinity::cause::home_down)], 1u);
    EXPECT_EQ(lab.at(blue).established, 0u);
    EXPECT_EQ(lab.at(green).established, 1u);
    lab.table->verify();
}

TEST(registry, a_session_is_away_until_it_is_at_home_again_or_has_another_home) {
    lab lab;
    lab.settle("ann", blue);
    const auto is_away = [&] {
        const seen who = lab.enter("ann");
        lab.leave(who);
        return who.away;
    };
    const seen one = lab.enter("ann");
    EXPECT_FALSE(one.away);
    lab.table->set_away(one.handle, true);
    EXPECT_TRUE(is_away());
    lab.table->set_away(one.handle, false);
    EXPECT_FALSE(is_away());
    lab.table->set_away(one.handle, true);
    lab.claim(one, green, affinity::cause::stale);
    lab.leave(one);
    EXPECT_FALSE(is_away());
    lab.table->set_away({}, true);  // uncounted ones may be away too
}

TEST(registry, only_a_session_that_never_came_back_is_superseded) {
    lab lab;
    lab.settle("ann", blue);
    lab.first_request("bob", blue);
    for (const auto* client : {"ann", "bob", "nobody"})
        lab.table->supersede(shop, key_of(client), lab.now.steady);
    EXPECT_TRUE(lab.table->find(shop, key_of("ann"), lab.now.steady));
    EXPECT_FALSE(lab.table->find(shop, key_of("bob"), lab.now.steady));
    const auto& ends = lab.counts().since_start.tentative_ends;
    EXPECT_EQ(ends[static_cast<std::size_t>(end_cause::superseded)], 1u);
    lab.table->verify();
}

TEST(registry, tells_when_a_key_comes_back_for_the_first_time) {
    lab lab;
    const auto token = lab.first_request("ann", blue);
    EXPECT_TRUE(lab.request("ann", token).first_return);
    EXPECT_FALSE(lab.request("ann", token).first_return);
    hawser::registry::lab elsewhere;
    EXPECT_TRUE(elsewhere.request("ann", token).first_return);
    EXPECT_FALSE(elsewhere.request("ann", token).first_return);
}

TEST(registry, an_extension_lasts_beyond_the_idle_limit_and_not_beyond_the_absolute_one) {
    lab lab;
    lab.table->configure(shop, {.idle = 30min, .absolute = 3h});
    lab.settle("ann", blue);
    const auto extend = [&](std::chrono::seconds time) {
        const seen who = lab.enter("ann");
        lab.table->extend(who.handle, time, lab.now.steady);
        lab.leave(who);
    };
    const auto lives = [&] {
        lab.table->sweep(lab.now.steady, 10'000);
        return lab.table->find(shop, key_of("ann"), lab.now.steady).has_value();
    };
    extend(1min);  // less than it has anyway
    extend(2h);
    lab.wait(119min);
    EXPECT_TRUE(lives());
    lab.wait(2min);
    EXPECT_FALSE(lives());

    lab.settle("ann", blue);
    extend(24h);
    lab.wait(3h + 1min);
    EXPECT_FALSE(lives());
    lab.table->verify();
}

TEST(registry, a_claim_of_the_present_home_changes_nothing) {
    lab lab;
    lab.first_request("ann", blue);
    lab.wait(100s);
    const seen again = lab.enter("ann");
    EXPECT_EQ(lab.claim(again, blue), again.home);
    lab.leave(again);
}

TEST(registry, a_new_instance_of_the_same_home_is_bound_without_a_move) {
    lab lab;
    lab.first_request("ann", blue);
    lab.wait(100s);
    const seen again = lab.enter("ann");
    const auto bound =
        lab.table->claim(again.handle, again.home,
                         {.home = blue, .instance = 7, .why = affinity::cause::stale}, lab.now);
    EXPECT_EQ(bound.instance, 7u);
    EXPECT_EQ(bound.moves, 0);
    EXPECT_EQ(bound.issued, again.home.issued + 100);
    lab.leave(again);
}

TEST(registry, a_stale_binding_to_a_home_without_a_mark_is_given_anew) {
    lab lab;
    lab.first_request("ann", blue);
    lab.wait(100s);
    const seen again = lab.enter("ann");
    const auto bound = lab.claim(again, blue, affinity::cause::stale);
    EXPECT_EQ(bound.home, blue);
    EXPECT_EQ(bound.moves, 0);
    EXPECT_EQ(bound.issued, again.home.issued + 100);
    lab.leave(again);
    lab.table->verify();
}

TEST(registry, moves_stay_at_their_maximum_instead_of_wrapping) {
    lab lab;
    auto token = lab.settle("ann", blue);
    token.moves = std::numeric_limits<std::uint16_t>::max();
    const seen who = lab.enter_with("ann", token);
    EXPECT_EQ(lab.claim(who, green).moves, std::numeric_limits<std::uint16_t>::max());
    lab.leave(who);
}

TEST(registry, pools_that_share_a_session_bind_it_each_for_itself) {
    lab lab;
    const pool_id cart = pool_id_of("cart");
    lab.first_request("ann", blue);
    const seen there = lab.table->enter(cart, named("ann"), lab.now);
    EXPECT_FALSE(there.known);
    lab.leave(there);
    EXPECT_EQ(lab.counts(cart).tentative(), 1u);
    EXPECT_EQ(lab.counts(shop).tentative(), 1u);
}

TEST(registry, an_empty_key_is_served_unregistered) {
    lab lab;
    auto found = named("ann");
    found.key = {};
    const seen who = lab.table->enter(shop, found, lab.now);
    EXPECT_FALSE(who.handle);
    EXPECT_EQ(lab.claim(who, green).home, green);
    lab.leave(who);
    EXPECT_EQ(lab.table->counts().unregistered, 1u);
    EXPECT_EQ(lab.counts().tentative(), 0u);
}

TEST(registry, an_unregistered_session_moves_as_its_token_says) {
    lab lab({.capacity = 0, .tentative_capacity = 0, .extra_keys = 0, .lives = {}});
    const affinity::binding token{
        .session = {}, .home = blue, .born = 1'790'000'000, .issued = 5, .moves = 3};
    const seen who = lab.enter_with("ann", token);
    EXPECT_FALSE(who.handle);
    EXPECT_TRUE(who.known);
    EXPECT_EQ(who.home, token);
    const auto moved = lab.claim(who, green);
    EXPECT_EQ(moved.home, green);
    EXPECT_EQ(moved.moves, 4);
}

TEST(registry, more_requests_of_one_session_than_can_be_counted_go_uncounted) {
    lab lab;
    const auto token = lab.settle("ann");
    std::vector<seen> held;
    for (unsigned n = 0; n < limits::session_in_flight_max; ++n)
        held.push_back(lab.enter_with("ann", token));
    const seen more = lab.enter_with("ann", token);
    EXPECT_FALSE(more.handle);
    EXPECT_EQ(more.home, token);
    for (const seen& one : held) lab.leave(one);
    const seen after = lab.enter_with("ann", token);
    EXPECT_TRUE(after.handle);
    lab.leave(after);
}

TEST(registry, find_does_not_touch) {
    lab lab({.capacity = 10, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 60s}});
    lab.first_request("ann");
    lab.wait(40s);
    const auto view = lab.table->find(shop, key_of("ann"), lab.now.steady);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->idle, 40s);
    EXPECT_EQ(view->home.home, blue);
    EXPECT_TRUE(view->tentative);
    EXPECT_EQ(view->keys, 1);
    lab.wait(21s);
    EXPECT_FALSE(lab.has("ann"));
}

TEST(registry, keeps_what_it_was_told_of_a_session) {
    lab lab;
    const seen who =
        lab.table->enter(shop, named("ann"), lab.now, {.kind = 2, .session_class = 3, .user = 77});
    lab.table->begin_tunnel(who.handle);
    const auto view = lab.table->find(shop, key_of("ann"), lab.now.steady);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->what.kind, 2);
    EXPECT_EQ(view->what.session_class, 3);
    EXPECT_EQ(view->what.user, 77u);
    EXPECT_EQ(view->requests, 1);
    EXPECT_EQ(view->tunnels, 1);
    lab.table->end_tunnel(who.handle, lab.now.steady);
    lab.leave(who);
}

TEST(registry, an_ended_session_lives_on_only_for_requests_in_flight) {
    lab lab;
    lab.settle("ann", blue);
    const seen old = lab.enter("ann");
    EXPECT_TRUE(lab.table->end(shop, key_of("ann"), lab.now.steady));
    EXPECT_FALSE(lab.table->end(shop, key_of("ann"), lab.now.steady));
    EXPECT_EQ(lab.at(blue).established, 0u);

    const seen anew = lab.enter("ann");
    EXPECT_FALSE(anew.known);
    EXPECT_EQ(lab.claim(old, red, affinity::cause::home_down).home, red);
    EXPECT_EQ(lab.claim(anew, green).home, green);
    lab.table->verify();
    lab.leave(old);
    lab.leave(anew);
    EXPECT_EQ(lab.at(red).established + lab.at(red).tentative, 0u);
    EXPECT_EQ(lab.at(green).tentative, 1u);
    lab.table->verify();
}

TEST(registry, refuses_a_capacity_that_it_cannot_address) {
    const auto made = registry::create(
        {.capacity = std::size_t{1} << 40, .tentative_capacity = 0, .extra_keys = 0, .lives = {}},
        steady_time{});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::invalid);
}

TEST(registry, reserves_without_touching) {
    const lab lab({.capacity = 10'000'000,
                   .tentative_capacity = 1'000'000,
                   .extra_keys = 10'000'000,
                   .lives = {}});
    // Shards and their ledgers, but no entry.
    EXPECT_LT(lab.table->counts().bytes, lab.table->shards() * 8 * 1024);
}

}  // namespace
}  // namespace hawser::registry
