// SPDX-License-Identifier: Apache-2.0
#include "store/store_contract.h"

#include <algorithm>
#include <set>
#include <thread>

#include "store/at_once.h"
#include "store/embedded/embedded.h"
#include "store/memory.h"

namespace hawser::store {
namespace {

using kind = expectation::kind;

std::unique_ptr<store> make_embedded(contract_lab& lab, const room& all) {
    // Syncs of a real disk would take most of the tests' time.
    embedded::settings how{
        .memory = {.records = 1000, .most = all},
        .disk = {.where = {.directory = lab.place.path / "sessions", .disk = lab.disk.env()}}};
    auto made = std::make_unique<embedded>(std::move(how), ring_of_tests(), lab.now);
    made->serve({&lab.here});
    for (auto* in : {&lab.shop, &lab.blog}) {
        made->add(*in);
        while (in->condition() == condition::opening) std::this_thread::yield();
    }
    return made;
}

/// A store is done when its line here passes.
const contracted kinds[] = {
    {"memory", durability::memory,
     [](contract_lab& lab, const room& all) {
         return std::make_unique<memory>(1000, all, lab.now);
     }},
    {"memory_at_once", durability::memory,
     [](contract_lab& lab, const room& all) {
         return std::make_unique<at_once>(std::make_unique<memory>(1000, all, lab.now));
     }},
    {"embedded_interval", durability::interval, make_embedded},
    {"embedded_sync", durability::sync, make_embedded},
    {"embedded_at_once", durability::interval,
     [](contract_lab& lab, const room& all) {
         return std::make_unique<at_once>(make_embedded(lab, all));
     }},
};

INSTANTIATE_TEST_SUITE_P(kinds, store_contract, testing::ValuesIn(kinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

STORE_PROMISES(an_unknown_session_is_not_an_error) {
    const auto found = co_await at.kept->read(at.id("nobody"), true, at.now);
    EXPECT_TRUE(found.has_value());
    EXPECT_FALSE(found->record.has_value());
    EXPECT_EQ(found->at, no_version);
}

STORE_PROMISES(a_namespace_that_another_process_is_about_to_tell_of_is_opening) {
    at.shop.set_awaited(true);
    const auto is_opening = [](const auto& told) {
        return !told && told.error().code == errc::unavailable && told.error().safe_to_retry;
    };
    EXPECT_TRUE(is_opening(co_await at.kept->read(at.id("a"), true, at.now)));
    EXPECT_TRUE(is_opening(co_await at.write("a", "1")));
    EXPECT_TRUE(is_opening(co_await at.erase("a")));
    EXPECT_TRUE(is_opening(co_await at.kept->touch(at.id("a"), {}, at.now)));
    EXPECT_TRUE(is_opening(co_await at.kept->scan(at.shop, cursor{}, 10, at.now)));
    at.shop.set_awaited(false);
    const auto told = co_await at.write("a", "1");
    EXPECT_EQ(told->outcome, outcome::kept);
}

STORE_PROMISES(what_was_written_is_read_whole) {
    record given = at.named("sess:a", std::string("\0\r\n\xff", 4),
                            {.expires = at.now + 1h, .idle = 10min, .absolute = 12h});
    given.user = 77;
    given.flags = 3;
    const auto kept = co_await at.kept->write(at.id("sess:a"), given, {}, at.now);
    EXPECT_EQ(kept->outcome, outcome::kept);
    const auto found = co_await at.kept->read(at.id("sess:a"), false, at.now);
    EXPECT_EQ(found->record->name, "sess:a");
    EXPECT_EQ(found->record->data, given.data);
    EXPECT_EQ(found->record->life, given.life);
    EXPECT_EQ(found->record->user, 77u);
    EXPECT_EQ(found->record->flags, 3u);
    EXPECT_EQ(found->record->created, at.now);
    EXPECT_EQ(found->record->seen, at.now);
    EXPECT_EQ(found->record->version, kept->at);
    EXPECT_EQ(found->at, kept->at);
}

/// For whoever writes a deadline back that was read: another one may have come meanwhile.
STORE_PROMISES(what_was_seen_is_its_deadline_too_if_that_is_said) {
    const auto first = co_await at.write("a", "1");
    (void)co_await at.kept->touch(at.id("a"), {.expires = at.now + 1min}, at.now);
    const auto late = co_await at.write(
        "a", "2", {.what = kind::exact, .seen = first->at, .expires = no_deadline});
    EXPECT_EQ(late->outcome, outcome::differs);
    const auto aware = co_await at.write(
        "a", "2", {.what = kind::exact, .seen = first->at, .expires = at.now + 1min});
    EXPECT_EQ(aware->outcome, outcome::kept);
}

STORE_PROMISES(a_touch_of_the_grade_leaves_the_deadline) {
    (void)co_await at.write("a", "1");
    (void)co_await at.kept->touch(at.id("a"), {.expires = at.now + 1min}, at.now);
    const auto done = co_await at.kept->touch(
        at.id("a"), {.as = grade{.flags = 1}, .keeps_deadline = true}, at.now);
    EXPECT_TRUE(done->changed);
    const auto found = co_await at.kept->read(at.id("a"), false, at.now);
    EXPECT_EQ(found->record->life.expires, at.now + 1min);
    EXPECT_EQ(found->record->flags, 1);
}

STORE_PROMISES(empty_names_and_empty_data_are_kept) {
    (void)co_await at.write("", "");
    const auto found = co_await at.kept->read(at.id(""), false, at.now);
    EXPECT_TRUE(found->record.has_value());
    EXPECT_EQ(found->record->data, "");
}

STORE_PROMISES(the_same_id_in_two_namespaces_is_two_records) {
    (void)co_await at.write("a", "of the shop");
    (void)co_await at.kept->write(at.id("a", &at.blog), at.named("a", "of the blog"), {}, at.now);
    const auto one = co_await at.kept->read(at.id("a"), false, at.now);
    const auto other = co_await at.kept->read(at.id("a", &at.blog), false, at.now);
    EXPECT_EQ(one->record->data, "of the shop");
    EXPECT_EQ(other->record->data, "of the blog");
}

STORE_PROMISES(versions_grow_with_each_write_and_each_end) {
    const auto first = co_await at.write("a", "1");
    const auto second = co_await at.write("a", "2");
    const auto end = co_await at.erase("a", 1min);
    const auto anew = co_await at.write("a", "3", {.what = kind::absent});
    EXPECT_LT(first->at, second->at);
    EXPECT_LT(second->at, end->at);
    EXPECT_LT(end->at, anew->at);
}

STORE_PROMISES(who_insists_on_an_older_version_changes_nothing) {
    const auto first = co_await at.write("a", "1");
    const auto second = co_await at.write("a", "2");
    const auto late = co_await at.write("a", "lost", {.what = kind::exact, .seen = first->at});
    EXPECT_EQ(late->outcome, outcome::differs);
    EXPECT_EQ(late->at, second->at);
    EXPECT_EQ(co_await at.data_of("a"), "2");
    const auto next = co_await at.write("a", "3", {.what = kind::exact, .seen = second->at});
    EXPECT_EQ(next->outcome, outcome::kept);
    EXPECT_EQ(co_await at.data_of("a"), "3");
}

STORE_PROMISES(absent_and_present_are_kept_to) {
    const auto present = co_await at.write("a", "1", {.what = kind::present});
    EXPECT_EQ(present->outcome, outcome::differs);
    const auto absent = co_await at.write("a", "2", {.what = kind::absent});
    EXPECT_EQ(absent->outcome, outcome::kept);
    const auto again = co_await at.write("a", "3", {.what = kind::absent});
    EXPECT_EQ(again->outcome, outcome::differs);
    EXPECT_EQ(co_await at.data_of("a"), "2");
    const auto replaced = co_await at.write("a", "4", {.what = kind::present});
    EXPECT_EQ(replaced->outcome, outcome::kept);
}

STORE_PROMISES(an_end_keeps_off_who_has_not_seen_it) {
    const auto read = co_await at.write("a", "logged in");
    (void)co_await at.erase("a", 1min);
    const auto late = co_await at.write("a", "late", {.seen = read->at});
    EXPECT_EQ(late->outcome, outcome::ended);
    const auto blind = co_await at.write("a", "blind");
    EXPECT_EQ(blind->outcome, outcome::ended);
    EXPECT_EQ(co_await at.data_of("a"), "-");
    EXPECT_EQ(at.shop.held.records(), 0u);
}

STORE_PROMISES(who_has_seen_the_end_may_begin_anew) {
    (void)co_await at.write("a", "1");
    (void)co_await at.erase("a", 1min);
    const auto missing = co_await at.version_of("a");
    EXPECT_NE(missing, no_version);
    const auto begun = co_await at.write("a", "anew", {.seen = missing});
    EXPECT_EQ(begun->outcome, outcome::kept);
    EXPECT_EQ(co_await at.data_of("a"), "anew");
    EXPECT_EQ(at.shop.held.records(), 1u);
}

STORE_PROMISES(a_tombstone_falls_after_its_time) {
    (void)co_await at.write("a", "1");
    (void)co_await at.erase("a", 1min);
    at.pass(1min - 1ms);
    EXPECT_EQ((co_await at.write("a", "blind"))->outcome, outcome::ended);
    at.pass(1ms);
    EXPECT_EQ((co_await at.write("a", "blind"))->outcome, outcome::kept);
}

STORE_PROMISES(an_end_without_a_tombstone_is_forgotten_at_once) {
    (void)co_await at.write("a", "1");
    EXPECT_EQ((co_await at.erase("a"))->outcome, outcome::kept);
    EXPECT_EQ(at.shop.held.bytes(), 0u);
    EXPECT_EQ((co_await at.write("a", "2"))->outcome, outcome::kept);
}

STORE_PROMISES(nobody_can_be_ended_twice) {
    (void)co_await at.write("a", "1");
    EXPECT_EQ((co_await at.erase("a", 1min))->outcome, outcome::kept);
    EXPECT_EQ((co_await at.erase("a", 1min))->outcome, outcome::differs);
    EXPECT_EQ((co_await at.erase("nobody"))->outcome, outcome::differs);
}

STORE_PROMISES(an_end_may_insist_on_a_version) {
    const auto first = co_await at.write("a", "1");
    (void)co_await at.write("a", "2");
    const auto late =
        co_await at.kept->erase(at.id("a"), {.what = kind::exact, .seen = first->at}, 0ms, at.now);
    EXPECT_EQ(late->outcome, outcome::differs);
    EXPECT_EQ(co_await at.data_of("a"), "2");
}

STORE_PROMISES(a_record_expires_to_the_millisecond) {
    (void)co_await at.write("a", "1", {}, {.expires = at.now + 1500ms});
    at.pass(1499ms);
    EXPECT_EQ(co_await at.data_of("a"), "1");
    at.pass(1ms);
    EXPECT_EQ(co_await at.data_of("a"), "-");
}

STORE_PROMISES(being_seen_moves_the_idle_end_but_not_the_absolute_one) {
    (void)co_await at.write("a", "1", {}, {.idle = 10min, .absolute = 25min});
    at.pass(9min);
    EXPECT_EQ(co_await at.data_of("a", true), "1");
    at.pass(9min);
    EXPECT_EQ(co_await at.data_of("a", true), "1");
    at.pass(7min);
    EXPECT_EQ(co_await at.data_of("a", true), "-");
}

STORE_PROMISES(a_save_does_not_put_off_the_absolute_end) {
    (void)co_await at.write("a", "1", {}, {.absolute = 25min});
    at.pass(20min);
    (void)co_await at.write("a", "2", {}, {.absolute = 25min});
    at.pass(5min - 1ms);
    EXPECT_EQ(co_await at.data_of("a"), "2");
    at.pass(1ms);
    EXPECT_EQ(co_await at.data_of("a"), "-");
}

STORE_PROMISES(a_glance_does_not_count_as_seen) {
    (void)co_await at.write("a", "1", {}, {.idle = 10min});
    at.pass(9min);
    EXPECT_EQ(co_await at.data_of("a", false), "1");
    at.pass(1min);
    EXPECT_EQ(co_await at.data_of("a"), "-");
}

STORE_PROMISES(data_of_another_size_takes_its_place_whole) {
    for (const std::size_t size : {3u, 3u, 700u, 0u, 40'000u, 12u, 12u}) {
        const std::string data(size, char('a' + size % 26));
        (void)co_await at.write("a", data, {}, {.idle = 10min});
        EXPECT_EQ(co_await at.data_of("a"), data);
    }
    EXPECT_EQ(at.shop.held.records(), 1u);
}

STORE_PROMISES(a_write_may_bring_the_end_nearer_and_put_it_off) {
    (void)co_await at.write("near", "1", {}, {.expires = at.now + 1h});
    (void)co_await at.write("near", "2", {}, {.expires = at.now + 1s});
    (void)co_await at.write("far", "1", {}, {.expires = at.now + 1s});
    (void)co_await at.write("far", "2", {}, {.expires = at.now + 1h});
    (void)co_await at.write("never", "1", {}, {.expires = at.now + 1s});
    (void)co_await at.write("never", "2");
    at.pass(2s);
    at.sweep();
    EXPECT_EQ(at.expired, std::vector<std::string>{"shop/near"});
    at.pass(1h);
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/near", "shop/far"}));
    EXPECT_EQ(co_await at.data_of("never"), "2");
}

STORE_PROMISES(a_touch_changes_the_deadline_and_no_version) {
    const auto written = co_await at.write("a", "1", {}, {.expires = at.now + 1s});
    const auto touched = co_await at.kept->touch(at.id("a"), {.expires = at.now + 1h}, at.now);
    EXPECT_TRUE(touched->exists && touched->changed);
    at.pass(59min);
    EXPECT_EQ(co_await at.data_of("a"), "1");
    EXPECT_EQ(co_await at.version_of("a"), written->at);
    const auto shorter = co_await at.kept->touch(at.id("a"), {.expires = at.now + 1s}, at.now);
    EXPECT_TRUE(shorter->changed);
    at.pass(2s);
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a"}));
}

STORE_PROMISES(a_touch_may_give_it_another_grade_and_no_version) {
    auto given = at.named("a", "1");
    given.lasts = durability::memory;
    const auto kept = co_await at.kept->write(at.id("a"), given, {}, at.now);
    EXPECT_EQ(at.shop.light, 1u);
    const auto done = co_await at.kept->touch(
        at.id("a"), {.seen = kept->at, .as = grade{.lasts = at.lasts, .flags = 5}}, at.now);
    EXPECT_TRUE(done->changed);
    const auto found = co_await at.kept->read(at.id("a"), false, at.now);
    EXPECT_EQ(found->record->lasts, at.lasts);
    EXPECT_EQ(found->record->flags, 5u);
    EXPECT_EQ(found->record->data, "1");
    EXPECT_EQ(found->at, kept->at);
    EXPECT_EQ(at.shop.light, at.lasts == durability::memory ? 1u : 0u);
}

STORE_PROMISES(a_touch_of_nobody_does_nothing) {
    const auto touched = co_await at.kept->touch(at.id("a"), {.expires = at.now + 1h}, at.now);
    EXPECT_FALSE(touched->exists);
    (void)co_await at.write("a", "1");
    (void)co_await at.erase("a", 1min);
    const auto dead = co_await at.kept->touch(at.id("a"), {.expires = at.now + 1h}, at.now);
    EXPECT_FALSE(dead->exists);
}

STORE_PROMISES(a_touch_keeps_to_its_condition) {
    using when = touching::when;
    const auto touch = [&](std::chrono::seconds until, when condition) {
        return at.kept->touch(at.id("a"), {.expires = at.now + until, .condition = condition},
                              at.now);
    };
    (void)co_await at.write("a", "1");
    EXPECT_FALSE((co_await touch(10s, when::with_deadline))->changed);
    EXPECT_FALSE((co_await touch(10s, when::if_later))->changed);
    EXPECT_FALSE((co_await touch(10s, when::with_later_deadline))->changed);
    EXPECT_TRUE((co_await touch(10s, when::if_earlier))->changed);
    EXPECT_FALSE((co_await touch(20s, when::without_deadline))->changed);
    EXPECT_FALSE((co_await touch(20s, when::if_earlier))->changed);
    EXPECT_TRUE((co_await touch(20s, when::if_later))->changed);
    EXPECT_TRUE((co_await touch(30s, when::with_deadline))->changed);
    EXPECT_TRUE((co_await touch(15s, when::with_later_deadline))->changed);
    EXPECT_FALSE((co_await touch(15s, when::with_later_deadline))->changed);
}

STORE_PROMISES(a_touch_may_insist_on_a_version) {
    const auto first = co_await at.write("a", "1");
    const auto second = co_await at.write("a", "2");
    const auto late =
        co_await at.kept->touch(at.id("a"), {.expires = at.now + 1s, .seen = first->at}, at.now);
    EXPECT_TRUE(late->exists && !late->changed);
    const auto timely =
        co_await at.kept->touch(at.id("a"), {.expires = at.now + 1s, .seen = second->at}, at.now);
    EXPECT_TRUE(timely->changed);
}

STORE_PROMISES(the_end_is_told_once_though_nobody_reads) {
    (void)co_await at.write("a", "1", {}, {.expires = at.now + 1s});
    (void)co_await at.write("b", "1", {}, {.idle = 2s});
    (void)co_await at.write("c", "1");
    at.sweep();
    EXPECT_TRUE(at.expired.empty());
    at.pass(1s + 100ms);
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a"}));
    at.pass(1s);
    at.sweep();
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a", "shop/b"}));
    EXPECT_EQ(at.shop.expired, 2u);
    EXPECT_EQ(at.shop.held.records(), 1u);
}

STORE_PROMISES(r6_2_an_end_is_told_once_although_its_place_is_taken_before_it_is_noticed) {
    (void)co_await at.write("a", "1", {}, {.expires = at.now + 1s});
    at.pass(1s);
    (void)co_await at.write("a", "other", {}, {.expires = at.now + 1s});
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a"}));
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a"}));
    EXPECT_EQ(co_await at.data_of("a"), "other");
    at.pass(1s + 100ms);
    at.sweep();
    EXPECT_EQ(at.expired, (std::vector<std::string>{"shop/a", "shop/a"}));
    EXPECT_EQ(at.shop.expired, 2u);
}

STORE_PROMISES(no_end_is_told_of_a_tombstone) {
    (void)co_await at.write("a", "1");
    (void)co_await at.erase("a", 1s);
    at.pass(2s);
    at.sweep();
    EXPECT_TRUE(at.expired.empty());
    EXPECT_EQ(at.shop.held.bytes(), 0u);
}

STORE_PROMISES(t7_many_that_end_together_are_ended_in_slices) {
    constexpr int all = 5000;
    for (int i = 0; i < all; ++i)
        (void)co_await at.write("s" + std::to_string(i), "x", {}, {.expires = at.now + 10min});
    at.pass(10min + 1s);
    EXPECT_TRUE(at.kept->sweep(at.now, 100));
    EXPECT_LE(at.expired.size(), 100u);
    at.sweep();
    EXPECT_EQ(at.expired.size(), std::size_t(all));
    EXPECT_EQ(std::set(at.expired.begin(), at.expired.end()).size(), std::size_t(all));
    EXPECT_EQ(at.shop.held.records(), 0u);
    EXPECT_EQ(at.shop.held.bytes(), 0u);
}

STORE_PROMISES(ends_at_any_distance_come_in_time) {
    const std::vector<std::chrono::milliseconds> spans = {1ms, 60ms, 3s,       4min,
                                                          6h,  13h,  30 * 24h, 400 * 24h};
    for (const auto span : spans)
        (void)co_await at.write(std::to_string(span.count()), "x", {}, {.expires = at.now + span});
    const steady_time begin = at.now;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        at.now = begin + spans[i] - 1ms;
        at.sweep();
        EXPECT_EQ(at.expired.size(), i) << spans[i].count();
        at.now = begin + spans[i] + 100ms;
        if (i + 1 < spans.size()) at.now = std::min(at.now, begin + spans[i + 1] - 1ms);
        if (at.now < begin + spans[i] + 50ms) continue;
        at.sweep();
        EXPECT_EQ(at.expired.size(), i + 1) << spans[i].count();
    }
}

STORE_PROMISES(a_scan_finds_who_lives_through_it_once) {
    std::set<std::string> lasting;
    for (int i = 0; i < 1000; ++i) {
        lasting.insert("s" + std::to_string(i));
        (void)co_await at.write("s" + std::to_string(i), "x");
        (void)co_await at.kept->write(at.id("b" + std::to_string(i), &at.blog),
                                      at.named("b" + std::to_string(i), "x"), {}, at.now);
    }
    std::multiset<std::string> found;
    cursor from{};
    int more = 0;
    do {
        const auto some = co_await at.kept->scan(at.shop, from, 10, at.now);
        for (const auto& each : some->found) found.insert(each.name);
        from = some->next;
        EXPECT_LT(std::uint64_t(from), std::uint64_t{1} << 53) << "JavaScript keeps it exactly";
        // The table grows and shrinks meanwhile.
        for (int i = 0; i < 20; ++i) (void)co_await at.write("n" + std::to_string(++more), "x");
        (void)co_await at.erase("n" + std::to_string(more));
    } while (from != cursor{});
    for (const auto& each : lasting) EXPECT_EQ(found.count(each), 1u) << each;
    for (const auto& each : found) EXPECT_NE(each[0], 'b');
}

STORE_PROMISES(a_page_of_a_scan_is_bounded_by_the_bytes_of_its_names) {
    constexpr std::size_t large = 16 * 1024;
    constexpr std::size_t many = 200;
    for (std::size_t i = 0; i < many; ++i)
        (void)co_await at.write(std::to_string(i) + std::string(large, '-'), "x");
    std::multiset<std::string> found;
    cursor from{};
    do {
        const auto some = co_await at.kept->scan(at.shop, from, 1000, at.now);
        EXPECT_LE(some->found.size(), 10u) << "64 KiB of names, or what one slot holds";
        for (const auto& each : some->found) found.insert(each.name.substr(0, each.name.find('-')));
        from = some->next;
    } while (from != cursor{});
    EXPECT_EQ(found.size(), many);
    for (std::size_t i = 0; i < many; ++i) EXPECT_EQ(found.count(std::to_string(i)), 1u) << i;
}

STORE_PROMISES(a_scan_passes_over_the_dead) {
    (void)co_await at.write("ended", "x");
    (void)co_await at.erase("ended", 1min);
    (void)co_await at.write("expired", "x", {}, {.expires = at.now + 1s});
    (void)co_await at.write("alive", "x");
    at.pass(2s);
    EXPECT_EQ(co_await at.names(at.shop, 10), (std::vector<std::string>{"alive"}));
}

STORE_PROMISES(a_namespace_that_is_full_refuses_the_next_one) {
    at.shop.held.set_room({.records = 2});
    (void)co_await at.write("a", "1");
    (void)co_await at.write("b", "1");
    const auto third = co_await at.write("c", "1");
    EXPECT_EQ(third.error().code, errc::exhausted);
    EXPECT_EQ(at.shop.refused, 1u);
    EXPECT_EQ(at.shop.held.records(), 2u);
    EXPECT_EQ((co_await at.write("a", "2"))->outcome, outcome::kept) << "who is in may change";
    const auto other =
        co_await at.kept->write(at.id("c", &at.blog), at.named("c", "1"), {}, at.now);
    EXPECT_TRUE(other.has_value()) << "others have their own room";
}

STORE_PROMISES(bytes_are_bounded_exactly) {
    (void)co_await at.write("a", std::string(100, 'x'));
    const std::uint64_t one = at.shop.held.bytes();
    at.shop.held.set_room({.bytes = 2 * one});
    EXPECT_TRUE((co_await at.write("b", std::string(100, 'x'))).has_value());
    EXPECT_EQ(at.shop.held.bytes(), 2 * one);
    EXPECT_FALSE((co_await at.write("b", std::string(101, 'x'))).has_value());
    EXPECT_EQ(co_await at.data_of("b"), std::string(100, 'x')) << "what was there stays";
    EXPECT_TRUE((co_await at.write("b", std::string(99, 'x'))).has_value());
    EXPECT_EQ(at.shop.held.bytes(), 2 * one - 1);
}

STORE_PROMISES(an_end_finds_room_for_its_tombstone_in_a_full_store) {
    at.shop.held.set_room({.records = 1});
    (void)co_await at.write("a", "1");
    at.shop.held.set_room({.records = 1, .bytes = at.shop.held.bytes()});
    EXPECT_EQ((co_await at.erase("a", 1min))->outcome, outcome::kept);
    EXPECT_EQ((co_await at.write("a", "late"))->outcome, outcome::ended);
}

STORE_PROMISES(t9_where_that_is_the_answer_the_longest_idle_makes_room) {
    at.shop.set_answer(when_full::evict);
    at.shop.held.set_room({.records = 3});
    for (const char* name : {"a", "b", "c"}) {
        (void)co_await at.write(name, "1");
        at.pass(1s);
    }
    (void)co_await at.data_of("a", true);
    at.pass(1s);
    EXPECT_TRUE((co_await at.write("d", "1")).has_value());
    EXPECT_EQ(at.evicted, (std::vector<std::string>{"shop/b"}));
    EXPECT_EQ(at.shop.evicted, 1u);
    EXPECT_EQ(at.shop.held.records(), 3u);
    EXPECT_EQ(co_await at.data_of("a"), "1");
}

STORE_PROMISES(nobody_makes_room_for_another_namespace) {
    at.blog.set_answer(when_full::evict);
    at.blog.held.set_room({.records = 0});
    (void)co_await at.write("a", "1");
    const auto none = co_await at.kept->write(at.id("b", &at.blog), at.named("b", "1"), {}, at.now);
    EXPECT_EQ(none.error().code, errc::exhausted);
    EXPECT_EQ(co_await at.data_of("a"), "1");
}

STORE_PROMISES_WITH(all_namespaces_together_are_bounded, room{.records = 2}) {
    (void)co_await at.write("a", "1");
    (void)co_await at.kept->write(at.id("b", &at.blog), at.named("b", "1"), {}, at.now);
    EXPECT_EQ((co_await at.write("c", "1")).error().code, errc::exhausted);
    EXPECT_EQ(at.shop.held.records(), 1u);
    (void)co_await at.erase("a");
    EXPECT_TRUE((co_await at.write("c", "1")).has_value());
}

}  // namespace
}  // namespace hawser::store
