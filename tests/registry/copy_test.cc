// SPDX-License-Identifier: Apache-2.0
// Sessions that leave for another process, and that come from one.

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "lab.h"

namespace hawser::registry {
namespace {

std::vector<record> all_of(const lab& from) {
    std::vector<record> all;
    std::array<record, 7> some;
    for (cursor at; !at.done;) {
        const auto count = from.table->copy(at, some, from.now);
        all.insert(all.end(), some.begin(), some.begin() + std::ptrdiff_t(count));
    }
    return all;
}

std::vector<record> changes_of(lab& from) {
    std::vector<record> all;
    std::array<record, 7> some;
    for (cursor at; !at.done;) {
        const auto count = from.table->changes(at, some, from.now);
        all.insert(all.end(), some.begin(), some.begin() + std::ptrdiff_t(count));
    }
    return all;
}

void restore_all(lab& into, const std::vector<record>& told) {
    for (const auto& one : told) into.table->restore(one, into.now);
}

TEST(registry_copy, a_session_is_the_same_in_the_registry_that_it_is_copied_to) {
    lab before;
    const auto token = before.settle("ann", green);
    before.first_request("ben", blue);
    before.wait(90s);
    lab after;
    after.wait(90s);
    restore_all(after, all_of(before));

    const auto seen = after.table->find(shop, key_of("ann"), after.now.steady);
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->home, token);
    EXPECT_EQ(seen->idle, 90s);
    EXPECT_EQ(seen->age, 90s);
    EXPECT_TRUE(seen->carried);
    EXPECT_FALSE(seen->tentative);
    EXPECT_EQ(after.at(green).established, 1u);
    EXPECT_EQ(after.at(blue).tentative, 1u);
    EXPECT_EQ(after.counts().since_start.restored, 2u);
    EXPECT_EQ(after.counts().since_start.begun, 0u);
    EXPECT_EQ(all_of(after), all_of(before));
    after.table->verify();
}

TEST(registry_copy, a_session_is_found_whatever_the_number_of_shards) {
    lab before;
    for (int i = 0; i < 500; ++i) before.settle(std::to_string(i), i % 2 == 0 ? blue : green);
    for (const std::size_t capacity : {600u, 100'000u}) {
        lab after(
            {.capacity = capacity, .tentative_capacity = 100, .extra_keys = 100, .lives = {}});
        EXPECT_NE(after.table->shards(), before.table->shards());
        restore_all(after, all_of(before));
        for (int i = 0; i < 500; ++i) {
            const seen who = after.enter(std::to_string(i));
            EXPECT_EQ(who.home.home, i % 2 == 0 ? blue : green);
            after.leave(who);
        }
        after.table->verify();
    }
}

TEST(registry_copy, time_that_passed_between_two_processes_counts) {
    lab before(
        {.capacity = 100, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 10min}});
    before.settle("ann");
    const auto told = all_of(before);
    lab soon(
        {.capacity = 100, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 10min}});
    soon.wait(10min);
    lab late(
        {.capacity = 100, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 10min}});
    late.wait(10min + 2s);
    EXPECT_TRUE(soon.table->restore(told.front(), soon.now));
    EXPECT_FALSE(late.table->restore(told.front(), late.now));
    EXPECT_FALSE(late.has("ann"));
    late.table->verify();
}

TEST(registry_copy, a_clock_that_was_set_back_makes_no_session_older_than_now) {
    lab before;
    before.settle("ann");
    lab after;
    after.now.wall -= 1h;
    EXPECT_TRUE(after.table->restore(all_of(before).front(), after.now));
    const auto seen = after.table->find(shop, key_of("ann"), after.now.steady);
    EXPECT_EQ(seen->idle, 0s);
    EXPECT_EQ(seen->age, 0s);
}

TEST(registry_copy, the_newer_binding_of_two_processes_counts) {
    lab old_one;
    old_one.settle("ann", blue);
    lab new_one;
    restore_all(new_one, all_of(old_one));

    const seen moved = old_one.enter("ann");
    old_one.claim(moved, green, affinity::cause::operator_);
    old_one.leave(moved);
    restore_all(new_one, all_of(old_one));
    EXPECT_EQ(new_one.at(green).established, 1u);
    EXPECT_EQ(new_one.at(blue).established, 0u);

    const seen again = new_one.enter("ann");
    new_one.claim(again, red, affinity::cause::operator_);
    new_one.leave(again);
    restore_all(new_one, all_of(old_one));
    EXPECT_EQ(new_one.at(red).established, 1u);
    new_one.table->verify();
}

TEST(registry_copy, nobody_makes_room_for_what_comes_from_elsewhere) {
    lab before;
    for (int i = 0; i < 200; ++i) before.settle(std::to_string(i));
    lab small({.capacity = 50, .tentative_capacity = 10, .extra_keys = 0, .lives = {}});
    small.settle("here", green);
    std::size_t taken = 0;
    for (const auto& one : all_of(before)) taken += small.table->restore(one, small.now) ? 1 : 0;
    EXPECT_EQ(taken, 49u);
    EXPECT_TRUE(small.has("here"));
    small.table->verify();
}

TEST(registry_copy, what_is_touched_after_the_copy_is_told_once) {
    lab lab;
    for (int i = 0; i < 100; ++i) lab.settle(std::to_string(i));
    lab.table->note_changes();
    EXPECT_TRUE(changes_of(lab).empty());
    lab.first_request("new", red);
    lab.leave(lab.enter("7"));
    const seen moved = lab.enter("8");
    lab.claim(moved, red, affinity::cause::operator_);
    const auto told = changes_of(lab);
    EXPECT_EQ(told.size(), 3u);
    EXPECT_EQ(std::ranges::count(told, red, [](const record& one) { return one.home.home; }), 2);
    EXPECT_TRUE(changes_of(lab).empty());
    lab.leave(moved);
    EXPECT_EQ(changes_of(lab).size(), 1u);
    lab.table->end_changes();
    lab.first_request("later", red);
    EXPECT_TRUE(changes_of(lab).empty());
}

TEST(registry_copy, more_changes_than_fit_are_told_by_the_next_call) {
    lab lab({.capacity = 5000, .tentative_capacity = 5000, .extra_keys = 0, .lives = {}});
    lab.table->note_changes();
    for (int i = 0; i < 3000; ++i) lab.first_request(std::to_string(i));
    std::set<std::uint64_t> names;
    for (const auto& one : changes_of(lab)) names.insert(one.name_low);
    EXPECT_EQ(names.size(), 3000u);
}

TEST(registry_copy, where_only_bindings_are_noted_requests_are_not_told) {
    lab lab;
    lab.settle("ann");
    lab.table->note_changes(noted::bindings);
    lab.leave(lab.enter("ann"));
    EXPECT_TRUE(changes_of(lab).empty());
    lab.first_request("new", red);
    const seen moved = lab.enter("ann");
    lab.claim(moved, blue, affinity::cause::operator_);
    EXPECT_EQ(changes_of(lab).size(), 2u);
}

/// Two processes that tell each other.
struct two {
    two() {
        one.table->note_changes();
        other.table->note_changes(noted::bindings);
    }
    std::size_t exchange() {
        const auto said = changes_of(one);
        restore_all(other, said);
        const auto answered = changes_of(other);
        restore_all(one, answered);
        return said.size() + answered.size();
    }
    server_id home_in(const lab& of) {
        return of.table->find(shop, key_of("ann"), of.now.steady)->home.home;
    }

    lab one;
    lab other;
};

TEST(registry_copy, what_is_told_is_not_told_back) {
    two both;
    both.one.settle("ann", green);
    EXPECT_GT(both.exchange(), 0u);
    EXPECT_EQ(both.home_in(both.other), green);
    EXPECT_EQ(both.exchange(), 0u);

    const seen moved = both.other.enter("ann");
    both.other.claim(moved, blue, affinity::cause::operator_);
    both.exchange();
    EXPECT_EQ(both.home_in(both.one), blue);
    EXPECT_EQ(both.exchange(), 0u);
}

TEST(registry_copy, who_hears_of_an_older_binding_tells_the_newer_one) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    both.one.claim(both.one.enter("ann"), blue, affinity::cause::operator_);
    const auto older = all_of(both.other);
    both.exchange();
    restore_all(both.one, older);
    EXPECT_EQ(both.home_in(both.one), blue);
    EXPECT_EQ(both.exchange(), 1u);
}

TEST(registry_copy, two_processes_that_bind_a_session_at_once_agree_on_one_home) {
    two both;
    both.one.first_request("ann", green);
    both.other.first_request("ann", blue);
    for (int i = 0; i < 3; ++i) both.exchange();
    EXPECT_EQ(both.home_in(both.one), both.home_in(both.other));
    EXPECT_EQ(both.exchange(), 0u);
}

TEST(registry_copy, a_session_that_is_renamed_after_the_copy_is_told_by_its_new_name) {
    for (const auto what : {noted::touches, noted::bindings}) {
        lab before;
        const auto home = before.settle("guest", green);
        lab after;
        restore_all(after, all_of(before));
        before.table->note_changes(what);
        before.table->rename(shop, key_of("guest"), key_of("ann"), home, before.now);
        restore_all(after, changes_of(before));
        const auto seen = after.table->find(shop, key_of("ann"), after.now.steady);
        ASSERT_TRUE(seen.has_value());
        EXPECT_EQ(seen->home.home, green);
        EXPECT_EQ(seen->home.session, home.session);
    }
}

session_view view_in(const lab& of, std::string_view client = "ann") {
    return of.table->find(shop, key_of(client), of.now.steady).value();
}

/// What a server says of a session in an answer.
void say(lab& in, void (registry::*what)(slot, bool), bool is) {
    const seen who = in.enter("ann");
    (in.table.get()->*what)(who.handle, is);
    in.leave(who);
}

TEST(registry_copy, what_servers_have_said_of_a_session_is_copied) {
    lab before(
        {.capacity = 100, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 10min}});
    before.settle("ann");
    const seen who = before.enter("ann");
    before.table->set_movable(who.handle, true);
    before.table->set_valuable(who.handle, true);
    before.table->set_away(who.handle, true);
    before.table->extend(who.handle, 1h, before.now.steady);
    before.leave(who);
    lab after(
        {.capacity = 100, .tentative_capacity = 10, .extra_keys = 0, .lives = {.idle = 10min}});
    restore_all(after, all_of(before));
    EXPECT_TRUE(view_in(after).movable);
    EXPECT_TRUE(view_in(after).valuable);
    EXPECT_TRUE(view_in(after).extended);
    const seen again = after.enter("ann");
    EXPECT_TRUE(again.away);
    after.leave(again);
    EXPECT_EQ(all_of(after), all_of(before));

    after.wait(59min);
    after.sweep();
    EXPECT_TRUE(after.has("ann"));
    after.wait(2min);
    after.sweep();
    EXPECT_FALSE(after.has("ann"));
    after.table->verify();
}

TEST(registry_copy, no_clock_makes_an_extended_session_last_for_ever) {
    lab lab({.capacity = 100,
             .tentative_capacity = 10,
             .extra_keys = 0,
             .lives = {.idle = 10min, .absolute = 0s}});
    lab.settle("ann");
    auto told = all_of(lab).front();
    lab.table->end(shop, key_of("ann"), lab.now.steady);
    told.extended = true;
    told.last_seen += 2'000'000'000;
    ASSERT_TRUE(lab.table->restore(told, lab.now));
    lab.wait(limits::binding_age_max + 9min);
    EXPECT_TRUE(lab.has("ann"));
    lab.wait(2min);
    EXPECT_FALSE(lab.has("ann"));
}

TEST(registry_copy, what_servers_say_in_one_process_is_heeded_in_the_other) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    for (auto* said_in : {&both.one, &both.other})
        for (const bool is : {true, false}) {
            both.one.wait(10s);
            both.other.wait(10s);
            say(*said_in, &registry::set_movable, is);
            say(*said_in, &registry::set_valuable, is);
            both.exchange();
            for (const auto* each : {&both.one, &both.other}) {
                EXPECT_EQ(view_in(*each).movable, is);
                EXPECT_EQ(view_in(*each).valuable, is);
            }
        }
    EXPECT_EQ(both.exchange(), 0u);
}

TEST(registry_copy, an_older_word_does_not_undo_a_newer_one) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    const auto older = all_of(both.one);
    both.other.wait(10s);
    say(both.other, &registry::set_valuable, true);
    (void)changes_of(both.other);
    restore_all(both.other, older);
    EXPECT_TRUE(view_in(both.other).valuable);
    EXPECT_EQ(changes_of(both.other).size(), 1u) << "it is known better here";
}

TEST(registry_copy, a_word_that_crosses_what_a_server_has_just_said_does_not_undo_it) {
    for (const bool is_in_first : {true, false}) {
        two both;
        both.one.settle("ann", green);
        both.exchange();
        lab& here = is_in_first ? both.one : both.other;
        lab& there = is_in_first ? both.other : both.one;
        const auto crosses = all_of(there);
        say(here, &registry::set_movable, true);
        restore_all(here, crosses);
        EXPECT_TRUE(view_in(here).movable);
        both.exchange();
        EXPECT_TRUE(view_in(there).movable);
        EXPECT_EQ(both.exchange(), 0u);
    }
}

TEST(registry_copy, a_request_alone_keeps_no_word_of_the_other_process_away) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    say(both.other, &registry::set_movable, true);
    both.one.leave(both.one.enter("ann"));
    restore_all(both.one, changes_of(both.other));
    EXPECT_TRUE(view_in(both.one).movable);
    both.exchange();
    EXPECT_TRUE(view_in(both.other).movable);
}

/// Everything that was told of sessions that are over.
void tell_endings(lab& from, lab& to) {
    for (std::size_t part = 0; part < registry::ended_parts; ++part)
        for (const auto& one : from.table->ended(part, from.now)) to.table->restore(one, to.now);
}

TEST(registry_copy, what_clients_still_carry_of_ended_sessions_counts_no_more_there_either) {
    lab before;
    before.table->configure(shop, {.idle = 10min, .absolute = 1h});
    const session_id revoked{{1}};
    const session_id ended{{2}};
    ASSERT_TRUE(before.table->revoke(shop, revoked, before.now));
    before.settle("ann");
    auto view = view_in(before);
    view.home.session = ended;
    ASSERT_TRUE(before.table->end(view, before.now).value());

    lab after;
    tell_endings(before, after);
    EXPECT_EQ(after.table->why_over(shop, revoked), affinity::cause::replayed);
    EXPECT_EQ(after.table->why_over(shop, ended), affinity::cause::ended);
    after.wait(11min + 2s);
    for (int n = 0; n < 64; ++n) after.sweep();
    EXPECT_EQ(after.table->why_over(shop, revoked), affinity::cause::none);
    EXPECT_EQ(after.table->why_over(shop, ended), affinity::cause::ended);
    lab late;
    late.wait(2h);
    tell_endings(before, late);
    EXPECT_EQ(late.table->why_over(shop, ended), affinity::cause::none);
}

TEST(registry_copy, all_of_many_that_are_over_are_told) {
    lab before({.capacity = 100'000, .tentative_capacity = 100, .extra_keys = 0, .lives = {}});
    before.table->configure(shop, {.idle = 10min, .absolute = 1h});
    constexpr std::uint16_t many = 1000;
    const auto id = [](std::uint16_t n) {
        session_id made{};
        made.bytes[8] = static_cast<std::uint8_t>(n);  // all in one part
        made.bytes[9] = static_cast<std::uint8_t>(n >> 8);
        return made;
    };
    std::uint16_t taken = 0;
    while (taken < many && before.table->revoke(shop, id(taken), before.now)) ++taken;
    ASSERT_GT(taken, 600) << "more than one slice";
    lab after({.capacity = 100'000, .tentative_capacity = 100, .extra_keys = 0, .lives = {}});
    tell_endings(before, after);
    for (std::uint16_t n = 0; n < taken; ++n)
        EXPECT_EQ(after.table->why_over(shop, id(n)), affinity::cause::replayed) << n;
}

TEST(registry_copy, a_session_that_ends_in_one_process_is_over_in_the_other) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    ASSERT_TRUE(both.other.has("ann"));
    ASSERT_TRUE(both.one.table->end(shop, key_of("ann"), both.one.now.steady));
    for (const auto& told : both.one.table->take_endings())
        both.other.table->restore(told, both.other.now);
    EXPECT_FALSE(both.other.has("ann"));
    EXPECT_EQ(of(end_cause::ended, both.one.counts().since_start.ends), 1u);
    EXPECT_EQ(of(end_cause::ended, both.other.counts().since_start.ends), 0u) << "counted once";
    EXPECT_TRUE(both.other.table->take_endings().empty()) << "nothing is told back";
    both.other.table->verify();
}

TEST(registry_copy, another_session_of_the_same_key_goes_on) {
    two both;
    both.one.settle("ann", green);
    both.exchange();
    ending told{.pool = shop, .session = {{77}}};
    const auto record = all_of(both.one).front();
    told.name_low = record.name_low;
    told.name_high = record.name_high;
    both.other.table->restore(told, both.other.now);
    EXPECT_TRUE(both.other.has("ann"));
}

TEST(registry_copy, a_session_that_is_over_is_not_taken_over_afterwards) {
    two both;
    both.one.settle("ann", green);
    auto told = all_of(both.one).front();
    told.home.session = {{5}};
    ASSERT_TRUE(both.other.table->revoke(shop, told.home.session, both.other.now));
    EXPECT_FALSE(both.other.table->restore(told, both.other.now));
}

TEST(registry_copy, nothing_is_noted_while_no_other_process_hears) {
    lab alone;
    alone.settle("ann");
    alone.table->end(shop, key_of("ann"), alone.now.steady);
    EXPECT_TRUE(alone.table->take_endings().empty());
}

TEST(registry_copy, a_session_without_its_first_name_stays_here) {
    lab lab;
    lab.settle("ann");
    ASSERT_TRUE(lab.table->add_key(shop, key_of("ann"), key_of("ann, logged in"), lab.now.steady));
    lab.table->remove_key(shop, key_of("ann"));
    EXPECT_TRUE(all_of(lab).empty());
}

}  // namespace
}  // namespace hawser::registry
