// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};
constexpr attempt first_try{.now = start};
constexpr attempt repeatable{.now = start, .is_repeatable = true};

TEST(pool, finds_a_server_by_the_id_that_tokens_carry) {
    yard yard{described("a"), described("b"), described("c")};

    EXPECT_EQ(yard.pool.find(server_id_of("shop", "b")), &yard["b"]);
    EXPECT_EQ(yard.pool.find(server_id_of("other", "b")), nullptr);
    EXPECT_EQ(yard.pool.find(no_server_id), nullptr);
}

TEST(pool, offers_all_that_are_fit_in_the_order_of_the_configuration) {
    yard yard{described("c"), described("a"), described("b")};

    EXPECT_EQ(yard.names(first_try), (names{"c", "a", "b"}));
}

TEST(pool, offers_no_server_twice_to_one_request) {
    yard yard{described("a"), described("b"), described("c")};
    const std::array<const server*, 2> tried{&yard["a"], &yard["c"]};

    EXPECT_EQ(yard.names({.now = start, .tried = tried}), names{"b"});
}

TEST(pool, e174_offers_nobody_who_is_drained_or_in_maintenance) {
    yard yard{described("a"), described("b"), described("c")};
    yard["a"].set_state(admin_state::drain);
    yard["b"].set_state(admin_state::maintenance);

    EXPECT_EQ(yard.names(first_try), names{"c"});

    yard["a"].set_state(admin_state::ready);
    EXPECT_EQ(yard.names(first_try), (names{"a", "c"}));
}

TEST(pool, offers_no_server_of_weight_0) {
    yard yard{described("a", 0), described("b")};

    EXPECT_EQ(yard.names(first_try), names{"b"});
}

TEST(pool, offers_servers_of_a_higher_number_only_where_no_other_may_be_asked) {
    auto spare = described("spare");
    spare.priority = 1;
    auto last = described("last");
    last.priority = 7;
    yard yard{described("a"), described("b"), spare, last};

    EXPECT_EQ(yard.names(first_try), (names{"a", "b"}));

    yard["a"].set_state(admin_state::drain);
    yard["b"].health.take_out(start + 10s);
    EXPECT_EQ(yard.names(first_try), names{"spare"});

    const std::array<const server*, 1> tried{&yard["spare"]};
    EXPECT_EQ(yard.names({.now = start, .tried = tried}), names{"last"});
}

TEST(pool, gives_a_trial_to_a_server_that_spares_stand_in_for) {
    auto spare = described("spare");
    spare.priority = 1;
    yard yard{described("a"), spare};
    yard["a"].health.take_out(start);

    EXPECT_EQ(yard.names(repeatable), names{"a"});
    EXPECT_EQ(yard.names(repeatable), names{"spare"});
}

TEST(pool, offers_no_server_whose_connections_are_all_taken) {
    auto small = described("a");
    small.connections_max = 1;
    yard yard{small, described("b")};
    {
        place taken;
        ASSERT_TRUE(yard["a"].places.take(taken));
        EXPECT_EQ(yard.names(first_try), names{"b"});
    }
    EXPECT_EQ(yard.names(first_try), (names{"a", "b"}));
}

TEST(pool, e73_offers_nobody_when_all_are_out) {
    yard yard{described("a"), described("b")};
    yard["a"].health.take_out(start + 10s);
    yard["b"].health.take_out(start + 10s);

    EXPECT_EQ(yard.names(repeatable), names{});
    EXPECT_EQ(yard.pool.count_usable(), 0u);
}

TEST(pool, offers_a_server_whose_trial_is_due_alone_and_once) {
    yard yard{described("a"), described("b")};
    yard["b"].health.take_out(start);

    EXPECT_EQ(yard.names(repeatable), names{"b"});
    EXPECT_EQ(yard.names(repeatable), names{"a"});
}

TEST(pool, leaves_a_trial_to_a_request_that_could_be_sent_again) {
    yard yard{described("a"), described("b")};
    yard["b"].health.take_out(start);

    EXPECT_EQ(yard.names(first_try), names{"a"});
    EXPECT_EQ(yard.names({.now = start + limits::trial_patience}), names{"b"})
        << "none came in time";
}

TEST(pool, leaves_a_trial_to_a_request_that_had_no_failure_yet) {
    yard yard{described("a"), described("b"), described("c")};
    yard["b"].health.take_out(start);
    const std::array<const server*, 1> tried{&yard["a"]};

    EXPECT_EQ(yard.names({.now = start, .tried = tried, .is_repeatable = true}), names{"c"});
}

TEST(pool, gives_a_trial_to_anybody_when_nobody_is_up) {
    yard yard{described("a"), described("b")};
    yard["a"].health.take_out(start + 10s);
    yard["b"].health.take_out(start);

    EXPECT_EQ(yard.names(first_try), names{"b"});
    EXPECT_EQ(yard.names(first_try), names{});
}

TEST(pool, gives_no_trial_to_a_drained_server) {
    yard yard{described("a"), described("b")};
    yard["b"].health.take_out(start);
    yard["b"].set_state(admin_state::drain);

    EXPECT_EQ(yard.names(repeatable), names{"a"});
    EXPECT_FALSE(yard["b"].health.is_on_trial());
}

TEST(server, e174_admits_those_whose_home_it_is_while_it_drains) {
    yard yard{described("a")};
    yard["a"].set_state(admin_state::drain);

    EXPECT_TRUE(yard["a"].admits_home(start));

    yard["a"].set_state(admin_state::maintenance);
    EXPECT_FALSE(yard["a"].admits_home(start));
}

TEST(server, e177_admits_nobody_while_it_is_out_and_one_when_its_trial_is_due) {
    yard yard{described("a")};
    yard["a"].health.take_out(start + 10s);

    EXPECT_FALSE(yard["a"].admits_home(start));
    EXPECT_TRUE(yard["a"].admits_home(start + 10s));
    EXPECT_FALSE(yard["a"].admits_home(start + 10s));
}

TEST(server, admits_those_whose_home_it_is_whatever_its_weight) {
    yard yard{described("a", 0)};

    EXPECT_TRUE(yard["a"].admits_home(start));
    EXPECT_FALSE(yard["a"].is_usable_for_new());
}

TEST(pool_death, ids_that_collide_are_a_broken_invariant) {
    EXPECT_DEATH((yard{described("a"), described("a")}), "collide");
}

TEST(pool, in_panic_uses_all_that_people_let_take_sessions) {
    yard yard({described("a"), described("b"), described("c"), described("d", 0)},
              {.panic_percent = 50});
    yard["a"].health.take_down();
    EXPECT_FALSE(yard.pool.is_in_panic());
    EXPECT_EQ(yard.names({.now = start}), (names{"b", "c"}));

    yard["b"].health.take_out(start + 10s);
    EXPECT_TRUE(yard.pool.is_in_panic());
    EXPECT_EQ(yard.names({.now = start}), (names{"a", "b", "c"}));
    yard["c"].set_state(admin_state::maintenance);
    EXPECT_EQ(yard.names({.now = start}), (names{"a", "b"}));
    const server* tried = &yard["a"];
    EXPECT_EQ(yard.names({.now = start, .tried = {&tried, 1}}), names{"b"});
}

TEST(pool, in_panic_goes_on_giving_trials) {
    yard yard({described("a"), described("b")}, {.panic_percent = 100});
    yard["a"].health.take_out(start + 10s);

    EXPECT_EQ(yard.names({.now = start + 10s, .is_repeatable = true}), names{"a"});
    EXPECT_TRUE(yard["a"].health.is_on_trial());
    EXPECT_EQ(yard.names({.now = start + 10s, .is_repeatable = true}), (names{"a", "b"}));
}

TEST(pool, without_a_threshold_never_panics) {
    yard yard{described("a"), described("b")};
    yard["a"].health.take_down();
    yard["b"].health.take_down();

    EXPECT_FALSE(yard.pool.is_in_panic());
    EXPECT_EQ(yard.names({.now = start}), names{});
}

}  // namespace
}  // namespace hawser::upstream
