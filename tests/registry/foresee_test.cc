// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string_view>

#include "registry/lab.h"

namespace hawser::registry {
namespace {

affinity::finding shows(std::string_view client, const affinity::binding& token) {
    auto found = named(client);
    found.carried = token;
    found.why = affinity::cause::none;
    return found;
}

/// What is foreseen of a request is what it then is told, and foreseeing it changes nothing.
void expect_foreseen(lab& at, const affinity::finding& found) {
    const auto before = at.counts();
    const seen foreseen = at.table->foresee(shop, found, at.now);
    const auto after = at.counts();
    EXPECT_EQ(after.since_start.begun, before.since_start.begun);
    EXPECT_EQ(after.since_start.remade, before.since_start.remade);
    EXPECT_EQ(after.tentative(), before.tentative());

    const seen told = at.table->enter(shop, found, at.now);
    EXPECT_EQ(foreseen.home, told.home);
    EXPECT_EQ(foreseen.known, told.known);
    EXPECT_EQ(foreseen.first_return, told.first_return);
    EXPECT_EQ(foreseen.away, told.away);
    EXPECT_EQ(foreseen.before.idle, told.before.idle);
    EXPECT_EQ(foreseen.before.is_tentative, told.before.is_tentative);
    EXPECT_EQ(foreseen.before.may_move, told.before.may_move);
    at.leave(told);
}

TEST(foresee, tells_of_a_session_that_begins) {
    lab lab;
    expect_foreseen(lab, named("ann"));
}

TEST(foresee, tells_of_one_that_is_known_by_its_key_alone) {
    lab lab;
    lab.first_request("ann");
    lab.wait(90s);
    expect_foreseen(lab, named("ann"));
    expect_foreseen(lab, named("ann"));
}

TEST(foresee, tells_of_one_that_only_its_client_knows) {
    lab lab;
    auto token = lab.first_request("ann", blue);
    token.session.bytes[0] = 77;
    expect_foreseen(lab, shows("bob", token));
}

TEST(foresee, believes_the_newer_of_two_bindings) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    auto moved_elsewhere = token;
    moved_elsewhere.home = green;
    ++moved_elsewhere.moves;
    expect_foreseen(lab, shows("ann", moved_elsewhere));
    expect_foreseen(lab, shows("ann", token));
    auto later = moved_elsewhere;
    later.home = red;
    later.issued += 5;
    expect_foreseen(lab, shows("ann", later));
}

TEST(foresee, does_not_believe_a_token_past_the_absolute_limit) {
    lab lab;
    lab.table->configure(shop, {.idle = 10min, .absolute = 1h});
    const auto token = lab.settle("ann", blue);
    lab.wait(61min);
    expect_foreseen(lab, shows("ann", token));
}

TEST(foresee, knows_whose_home_was_taken_back_and_who_is_away) {
    lab lab;
    const auto token = lab.settle("ann", blue);
    cursor at;
    while (!at.done) lab.table->release(at, {.pool = shop, .home = blue});
    expect_foreseen(lab, named("ann"));
    expect_foreseen(lab, shows("ann", token));
    const auto who = lab.enter_with("ann", token);
    lab.table->set_away(who.handle, true);
    lab.leave(who);
    expect_foreseen(lab, named("ann"));
}

TEST(foresee, finds_a_session_by_a_further_key_and_by_one_that_has_lapsed) {
    lab lab;
    lab.settle("ann", blue);
    ASSERT_TRUE(lab.table->add_key(shop, key_of("ann"), key_of("ann's phone"), lab.now.steady));
    expect_foreseen(lab, named("ann's phone"));
    auto lapsed = named("somebody");
    lapsed.lapsed = key_of("ann");
    expect_foreseen(lab, lapsed);
}

}  // namespace
}  // namespace hawser::registry
