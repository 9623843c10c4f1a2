// SPDX-License-Identifier: Apache-2.0
// Several keys that name one session.

#include "lab.h"

namespace hawser::registry {
namespace {

bool add(lab& lab, std::string_view existing, std::string_view added) {
    return lab.table->add_key(shop, key_of(existing), key_of(added), lab.now.steady);
}

void remove(lab& lab, std::string_view key) { lab.table->remove_key(shop, key_of(key)); }

TEST(keys, one_more_key_finds_the_same_session) {
    lab lab;
    const auto given = lab.settle("cookie", green);
    EXPECT_TRUE(add(lab, "cookie", "header"));
    const seen who = lab.enter("header");
    EXPECT_TRUE(who.known);
    EXPECT_EQ(who.home, given);
    EXPECT_EQ(lab.table->find(shop, key_of("cookie"), lab.now.steady)->requests, 1);
    lab.leave(who);
    EXPECT_EQ(lab.counts().established(), 1u);
    EXPECT_EQ(lab.table->find(shop, key_of("header"), lab.now.steady)->keys, 2);
    lab.table->verify();
}

TEST(keys, a_key_may_be_added_through_any_other) {
    lab lab;
    const auto given = lab.settle("one", green);
    EXPECT_TRUE(add(lab, "one", "two"));
    EXPECT_TRUE(add(lab, "two", "three"));
    EXPECT_EQ(lab.enter("three").home, given);
}

TEST(keys, adding_one_that_names_the_session_already_changes_nothing) {
    lab lab;
    lab.settle("one");
    EXPECT_TRUE(add(lab, "one", "two"));
    EXPECT_TRUE(add(lab, "one", "two"));
    EXPECT_TRUE(add(lab, "two", "one"));
    EXPECT_EQ(lab.table->find(shop, key_of("one"), lab.now.steady)->keys, 2);
    EXPECT_EQ(lab.table->counts().extra_keys, 1u);
}

TEST(keys, a_key_of_another_live_session_is_not_taken) {
    lab lab;
    lab.settle("ann");
    lab.settle("bob");
    EXPECT_FALSE(add(lab, "ann", "bob"));
    EXPECT_EQ(lab.table->find(shop, key_of("ann"), lab.now.steady)->keys, 1);
    EXPECT_FALSE(add(lab, "nobody", "header"));
    lab.table->verify();
}

TEST(keys, a_key_whose_session_is_over_may_name_another) {
    lab lab({.capacity = 10, .tentative_capacity = 10, .extra_keys = 10, .lives = {.idle = 60s}});
    lab.settle("old");
    EXPECT_TRUE(add(lab, "old", "header"));
    lab.wait(62s);
    const auto given = lab.settle("new", red);
    EXPECT_TRUE(add(lab, "new", "header"));
    EXPECT_TRUE(add(lab, "new", "old"));
    EXPECT_EQ(lab.enter("header").home, given);
    EXPECT_EQ(lab.enter("old").home, given);
    lab.table->verify();
}

TEST(keys, an_extra_key_dies_with_its_session) {
    lab lab;
    lab.settle("cookie");
    add(lab, "cookie", "header");
    lab.table->end(shop, key_of("header"), lab.now.steady);
    EXPECT_FALSE(lab.has("cookie"));
    EXPECT_FALSE(lab.has("header"));
    const seen who = lab.enter("header");
    EXPECT_FALSE(who.known);
    lab.leave(who);
    EXPECT_EQ(lab.table->counts().extra_keys, 0u);
    lab.table->verify();
}

TEST(keys, a_record_that_is_used_again_does_not_inherit_extra_keys) {
    lab lab;
    lab.settle("ann");
    add(lab, "ann", "header");
    lab.table->end(shop, key_of("ann"), lab.now.steady);
    lab.settle("bob");
    EXPECT_FALSE(lab.has("header"));
}

TEST(keys, the_first_key_may_go_while_another_stays) {
    lab lab;
    const auto given = lab.settle("before login", green);
    add(lab, "before login", "after login");
    remove(lab, "before login");
    EXPECT_FALSE(lab.has("before login"));
    EXPECT_EQ(lab.enter("after login").home, given);
    EXPECT_FALSE(lab.enter("before login").known);
    lab.table->verify();
}

TEST(keys, a_session_ends_with_its_last_key) {
    lab lab;
    lab.settle("one");
    add(lab, "one", "two");
    remove(lab, "one");
    EXPECT_EQ(lab.counts().established(), 1u);
    remove(lab, "two");
    remove(lab, "two");
    EXPECT_EQ(lab.counts().established(), 0u);
    EXPECT_EQ(of(end_cause::ended, lab.counts().since_start.ends), 1u);
    lab.table->verify();
}

TEST(keys, a_session_has_at_most_so_many) {
    lab lab;
    lab.settle("key 1");
    for (unsigned n = 2; n <= limits::session_keys_max; ++n)
        EXPECT_TRUE(add(lab, "key 1", "key " + std::to_string(n)));
    EXPECT_FALSE(add(lab, "key 1", "one too many"));
    EXPECT_EQ(lab.table->counts().keys_refused, 1u);
    remove(lab, "key 2");
    EXPECT_TRUE(add(lab, "key 1", "one too many"));
}

TEST(keys, when_full_keys_of_ended_sessions_make_room_and_live_ones_do_not) {
    lab lab({.capacity = 100, .tentative_capacity = 100, .extra_keys = 3, .lives = {}});
    for (const char* client : {"ann", "bob", "cid", "dan"}) lab.settle(client);
    EXPECT_TRUE(add(lab, "ann", "ann 2"));
    EXPECT_TRUE(add(lab, "bob", "bob 2"));
    EXPECT_TRUE(add(lab, "cid", "cid 2"));
    EXPECT_FALSE(add(lab, "dan", "dan 2"));
    EXPECT_EQ(lab.table->counts().keys_refused, 1u);
    lab.table->end(shop, key_of("bob"), lab.now.steady);
    EXPECT_TRUE(add(lab, "dan", "dan 2"));
    EXPECT_TRUE(lab.has("ann 2"));
    EXPECT_TRUE(lab.has("cid 2"));
    lab.table->verify();
}

TEST(keys, the_sweep_removes_those_whose_session_ended) {
    lab lab;
    lab.settle("ann");
    for (int n = 0; n < 10; ++n) add(lab, "ann", "key " + std::to_string(n));
    lab.table->end(shop, key_of("ann"), lab.now.steady);
    EXPECT_EQ(lab.table->counts().extra_keys, 10u);
    for (int n = 0; n < 10; ++n) lab.sweep();
    EXPECT_EQ(lab.table->counts().extra_keys, 0u);
    lab.table->verify();
}

}  // namespace
}  // namespace hawser::registry
