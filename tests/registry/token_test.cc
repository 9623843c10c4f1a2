// SPDX-License-Identifier: Apache-2.0
// Where the token that a client carries and the registry meet.

#include "lab.h"

namespace hawser::registry {
namespace {

TEST(registry_and_token, a_token_without_an_entry_makes_it_anew_as_known) {
    lab lab;
    const affinity::binding token{.session = named("ann").session,
                                  .home = green,
                                  .instance = 4,
                                  .born = 1'789'999'000,
                                  .issued = 1'789'999'900,
                                  .moves = 2};
    const seen who = lab.enter_with("ann", token);
    EXPECT_TRUE(who.known);
    EXPECT_FALSE(who.tentative);
    EXPECT_EQ(who.home, token);
    lab.leave(who);
    EXPECT_EQ(lab.at(green).established, 1u);
    EXPECT_EQ(lab.counts().since_start.remade, 1u);
    EXPECT_EQ(lab.counts().since_start.begun, 0u);
    EXPECT_EQ(lab.table->find(shop, key_of("ann"), lab.now.steady)->age, 1000s);
}

TEST(registry_and_token, more_moves_win) {
    lab lab;
    auto token = lab.settle("ann", blue);
    token.home = green;
    token.moves = 1;
    token.issued -= 500;
    EXPECT_EQ(lab.request("ann", token).home, token);
    EXPECT_EQ(lab.at(green).established, 1u);
    EXPECT_EQ(lab.at(blue).established, 0u);
    lab.table->verify();
}

TEST(registry_and_token, fewer_moves_lose) {
    lab lab;
    const auto old = lab.settle("ann", blue);
    const seen who = lab.enter("ann");
    const auto moved = lab.claim(who, green, affinity::cause::home_down);
    lab.leave(who);
    EXPECT_EQ(lab.request("ann", old).home, moved);
    EXPECT_FALSE(lab.table->find(shop, key_of("ann"), lab.now.steady)->carried);
    EXPECT_EQ(lab.request("ann", moved).home, moved);
    EXPECT_TRUE(lab.table->find(shop, key_of("ann"), lab.now.steady)->carried);
}

TEST(registry_and_token, with_equal_moves_the_later_issue_wins) {
    lab lab;
    const auto mine = lab.settle("ann", blue);
    auto other = mine;
    other.home = green;
    other.issued -= 1;
    EXPECT_EQ(lab.request("ann", other).home, mine);
    other.issued += 2;
    EXPECT_EQ(lab.request("ann", other).home, other);
}

TEST(registry_and_token, a_renewed_token_only_brings_its_issue_time) {
    lab lab;
    auto token = lab.settle("ann", blue);
    token.issued += 180;
    EXPECT_EQ(lab.request("ann", token).home, token);
    EXPECT_EQ(lab.at(blue).established, 1u);
}

TEST(registry_and_token, issue_times_compare_across_the_wrap_of_32_bits) {
    lab lab;
    affinity::binding token{
        .session = {}, .home = blue, .born = 0xffff'ff00, .issued = 0xffff'fff0};
    lab.now.wall = wall_time(std::chrono::seconds(0xffff'fff0));
    lab.request("ann", token);
    token.home = green;
    token.issued = 16;
    lab.wait(32s);
    EXPECT_EQ(lab.request("ann", token).home.home, green);
    token.home = blue;
    token.issued = 0xffff'fff5;
    EXPECT_EQ(lab.request("ann", token).home.home, green);
}

TEST(registry_and_token, a_token_past_the_absolute_limit_is_no_token) {
    lab lab({.capacity = 10,
             .tentative_capacity = 10,
             .extra_keys = 0,
             .lives = {.idle = 60s, .absolute = 1h}});
    const affinity::binding token{
        .session = {}, .home = blue, .born = 1'790'000'000 - 3601, .issued = 1'790'000'000};
    const seen who = lab.request("ann", token);
    EXPECT_FALSE(who.known);
    EXPECT_EQ(who.home.home, no_server_id);
    EXPECT_EQ(who.home.session, named("ann").session);
}

TEST(registry_and_token, born_in_the_future_is_clock_skew) {
    lab lab({.capacity = 10,
             .tentative_capacity = 10,
             .extra_keys = 0,
             .lives = {.idle = 60s, .absolute = 1h}});
    const affinity::binding token{
        .session = {}, .home = blue, .born = 1'790'000'050, .issued = 1'790'000'050};
    EXPECT_TRUE(lab.request("ann", token).known);
    EXPECT_EQ(lab.table->find(shop, key_of("ann"), lab.now.steady)->age, 0s);
}

TEST(registry_and_token, a_lapsed_mark_leads_to_a_session_that_is_still_busy) {
    lab lab({.capacity = 10, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 60s}});
    const auto given = lab.settle("ann", green);
    const seen tunnel = lab.enter("ann");
    lab.table->begin_tunnel(tunnel.handle);
    lab.wait(10min);

    auto found = named("somebody new");
    found.lapsed = key_of("ann");
    const seen who = lab.table->enter(shop, found, lab.now);
    EXPECT_TRUE(who.known);
    EXPECT_EQ(who.home, given);
    lab.leave(who);
    lab.table->end_tunnel(tunnel.handle, lab.now.steady);
    lab.leave(tunnel);

    lab.wait(62s);
    const seen late = lab.table->enter(shop, found, lab.now);
    EXPECT_FALSE(late.known);
    EXPECT_EQ(late.home.session, found.session);
    lab.leave(late);
    lab.table->verify();
}

}  // namespace
}  // namespace hawser::registry
