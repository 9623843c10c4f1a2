// SPDX-License-Identifier: Apache-2.0
// What happens when there is no place left.

#include "lab.h"

namespace hawser::registry {
namespace {

settings holding(std::size_t established, std::size_t tentative) {
    return {.capacity = established,
            .tentative_capacity = tentative,
            .extra_keys = 10,
            .lives = {.idle = 30min, .absolute = 0s}};
}

TEST(bounds, e160_a_flood_of_first_requests_pushes_out_no_session_that_came_back) {
    lab lab(holding(50, 20));
    for (int n = 0; n < 50; ++n) lab.settle("user " + std::to_string(n));
    for (int n = 0; n < 5000; ++n) lab.first_request("bot " + std::to_string(n), green);
    for (int n = 0; n < 50; ++n) EXPECT_TRUE(lab.has("user " + std::to_string(n)));
    EXPECT_EQ(lab.at(blue).established, 50u);
    EXPECT_EQ(lab.at(green).tentative, 20u);
    EXPECT_EQ(of(end_cause::evicted, lab.counts().since_start.tentative_ends), 4980u);
    EXPECT_EQ(of(end_cause::evicted, lab.counts().since_start.ends), 0u);
    lab.table->verify();
}

TEST(bounds, e160_of_first_requests_the_oldest_goes_first) {
    lab lab(holding(10, 3));
    lab.first_request("one");
    lab.first_request("two");
    lab.first_request("three");
    lab.first_request("four");
    EXPECT_FALSE(lab.has("one"));
    EXPECT_TRUE(lab.has("two"));
    EXPECT_TRUE(lab.has("four"));
}

TEST(bounds, when_full_the_session_that_was_idle_longest_goes) {
    lab lab(holding(3, 3));
    const auto a = lab.settle("ann");
    lab.wait(10s);
    lab.settle("bob");
    lab.wait(10s);
    lab.settle("cid");
    lab.wait(10s);
    lab.request("ann", a);
    lab.wait(10s);
    lab.settle("dan");
    EXPECT_TRUE(lab.has("ann"));
    EXPECT_FALSE(lab.has("bob"));
    EXPECT_TRUE(lab.has("cid"));
    EXPECT_TRUE(lab.has("dan"));
    EXPECT_EQ(of(end_cause::evicted, lab.counts().since_start.ends), 1u);
}

TEST(bounds,
     one_whose_binding_the_client_carries_goes_before_an_older_one_that_would_lose_its_home) {
    lab lab(holding(2, 2));
    lab.first_request("ann");
    lab.leave(lab.enter("ann"));  // named by a header, say: the client carries no binding
    lab.wait(60s);
    lab.settle("bob");
    lab.wait(60s);
    lab.settle("cid");
    EXPECT_TRUE(lab.has("ann"));
    EXPECT_FALSE(lab.has("bob"));
    lab.table->verify();
}

TEST(bounds, without_one_that_is_carried_the_longest_idle_goes) {
    lab lab(holding(2, 2));
    for (const char* client : {"ann", "bob", "cid"}) {
        lab.first_request(client);
        lab.leave(lab.enter(client));
        lab.wait(60s);
    }
    EXPECT_FALSE(lab.has("ann"));
    EXPECT_TRUE(lab.has("bob"));
    EXPECT_TRUE(lab.has("cid"));
}

TEST(bounds, nothing_in_flight_makes_room) {
    lab lab(holding(2, 1));
    const auto a = lab.settle("ann");
    const auto b = lab.settle("bob");
    const seen one = lab.enter_with("ann", a);
    lab.wait(5min);
    lab.settle("cid");
    EXPECT_TRUE(lab.has("ann"));
    EXPECT_FALSE(lab.has("bob"));

    const seen two = lab.enter("cid");
    const seen three = lab.enter_with("bob", b);
    EXPECT_FALSE(three.handle);
    EXPECT_TRUE(three.known);
    EXPECT_EQ(three.home, b);
    EXPECT_EQ(lab.table->counts().unregistered, 1u);
    for (const seen& who : {one, two, three}) lab.leave(who);
    lab.table->verify();
}

TEST(bounds, a_session_that_comes_back_to_a_full_table_stays_tentative) {
    lab lab(holding(1, 2));
    const seen busy = lab.enter_with("ann", lab.settle("ann"));
    const auto token = lab.first_request("bob");
    EXPECT_TRUE(lab.request("bob", token).tentative);
    lab.leave(busy);
    EXPECT_FALSE(lab.request("bob", token).tentative);
    EXPECT_FALSE(lab.has("ann"));
}

TEST(bounds, an_expired_session_makes_room_before_a_live_one) {
    lab lab(holding(2, 2));
    const pool_id brief = pool_id_of("brief");
    lab.table->configure(brief, {.idle = 5s, .absolute = 0s});
    lab.settle("ann");
    lab.wait(60s);
    const affinity::binding token{.session = {}, .home = red, .born = 1'790'000'000};
    auto found = named("bob");
    found.carried = token;
    lab.leave(lab.table->enter(brief, found, lab.now));
    lab.wait(10s);
    lab.settle("cid");
    EXPECT_TRUE(lab.has("ann"));
    EXPECT_EQ(of(end_cause::idle, lab.counts(brief).since_start.ends), 1u);
}

TEST(bounds, sessions_that_ended_but_are_in_flight_cannot_pile_up) {
    lab lab(holding(4, 4));
    std::vector<seen> held;
    for (int n = 0; n < 1000; ++n) {
        held.push_back(lab.enter("ann"));
        lab.table->end(shop, key_of("ann"), lab.now.steady);
    }
    EXPECT_GT(lab.table->counts().unregistered, 900u);
    for (const seen& who : held) lab.leave(who);
    lab.table->verify();
    EXPECT_TRUE(lab.enter("ann").handle);
}

TEST(bounds, a_large_table_holds_what_it_promises_whatever_shard_keys_fall_on) {
    lab lab(holding(200'000, 1000));
    affinity::binding token{.session = {}, .home = blue, .born = 1'790'000'000};
    for (int n = 0; n < 200'000; ++n) lab.request("user " + std::to_string(n), token);
    EXPECT_EQ(lab.at(blue).established, 200'000u);
    EXPECT_EQ(of(end_cause::evicted, lab.counts().since_start.ends), 0u);
    for (int n = 200'000; n < 300'000; ++n) lab.request("user " + std::to_string(n), token);
    EXPECT_LT(lab.at(blue).established, 250'000u);
    EXPECT_EQ(lab.table->counts().unregistered, 0u);
    lab.table->verify();
}

}  // namespace
}  // namespace hawser::registry
