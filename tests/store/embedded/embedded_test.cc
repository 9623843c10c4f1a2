// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/embedded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "store/embedded/lab.h"
#include "store/embedded/table.h"

namespace hawser::store {
namespace {

TEST(embedded, keeps_all_of_a_record_over_a_restart) {
    embedded_lab at;
    record given{.name = "sess:a",
                 .data = std::string("\0\r\n\xff", 4),
                 .life = {.expires = at.now() + 1h, .idle = 10min, .absolute = 12h},
                 .user = 77,
                 .lasts = durability::interval,
                 .flags = 3};
    const auto kept = at.ask(at.kept->write(at.id("sess:a"), given, {}, at.now()));
    EXPECT_EQ(kept->lasts, durability::interval);
    at.reopen();
    const auto found = at.read("sess:a");
    ASSERT_TRUE(found.record.has_value());
    EXPECT_EQ(found.record->name, "sess:a");
    EXPECT_EQ(found.record->data, given.data);
    EXPECT_EQ(found.record->user, 77u);
    EXPECT_EQ(found.record->flags, 3u);
    EXPECT_EQ(found.record->life.idle, given.life.idle);
    EXPECT_EQ(found.record->life.absolute, given.life.absolute);
    // Both clocks were read twice, each time one after the other.
    EXPECT_GT(found.record->life.expires, given.life.expires - 1s);
    EXPECT_LT(found.record->life.expires, given.life.expires + 1s);
    EXPECT_EQ(found.at, kept->at);
    EXPECT_EQ(at.shop->held.records(), 1u);
    EXPECT_EQ(at.kept->held().records(), 1u);
}

/// Of data that is compressed too.
TEST(embedded, keeps_flags_over_a_restart) {
    embedded_lab at;
    for (const std::uint8_t flags :
         {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{15}}) {
        record given{.name = std::to_string(flags),
                     .data = std::string(10'000, 'x'),
                     .life = {},
                     .lasts = durability::interval,
                     .flags = flags};
        const auto id = at.id(given.name);
        ASSERT_TRUE(at.ask(at.kept->write(id, std::move(given), {}, at.now())).has_value());
    }
    at.reopen();
    for (const std::uint8_t flags :
         {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{15}}) {
        const auto found = at.read(std::to_string(flags));
        ASSERT_TRUE(found.record.has_value());
        EXPECT_EQ(found.record->flags, flags);
        EXPECT_EQ(found.record->data, std::string(10'000, 'x'));
    }
}

TEST(embedded, tells_whose_sessions_it_has_loaded_and_when_they_began) {
    embedded_lab at;
    for (const std::uint64_t user : {7U, 0U, 3U, 5U}) {
        record one{.name = std::to_string(user),
                   .data = "x",
                   .life = {},
                   .user = user,
                   .lasts = durability::interval};
        const auto id = at.id(one.name);
        ASSERT_TRUE(at.ask(at.kept->write(id, std::move(one), {}, at.now())).has_value());
        at.pass(2ms);
    }
    (void)at.erase("3", 1min);
    at.reopen();
    std::vector<std::uint64_t> users;
    for (const auto& [created, user] : at.users) users.push_back(user);
    EXPECT_EQ(users, (std::vector<std::uint64_t>{7, 5}));
}

/// Bytes that nothing makes smaller.
std::string noise(std::size_t size) {
    std::string made;
    for (std::uint64_t i = 0; made.size() < size; ++i) {
        const auto some = stable_hash("noise", i);
        made.append(reinterpret_cast<const char*>(&some), sizeof some);
    }
    made.resize(size);
    return made;
}

TEST(embedded, records_of_any_size_come_back) {
    embedded_lab at;
    const std::vector<std::size_t> sizes = {0, 1, 1000, 1024, 5000, 1 << 20};
    for (const auto size : sizes) {
        ASSERT_TRUE(at.write("text" + std::to_string(size), std::string(size, 'x')).has_value());
        ASSERT_TRUE(at.write("noise" + std::to_string(size), noise(size)).has_value());
    }
    at.reopen();
    for (const auto size : sizes) {
        EXPECT_EQ(at.data_of("text" + std::to_string(size)), std::string(size, 'x'));
        EXPECT_TRUE(at.data_of("noise" + std::to_string(size)) == noise(size));
    }
}

TEST(embedded, what_compresses_takes_less) {
    embedded_lab at;
    const auto before = at.kept->counted().bytes.load();
    (void)at.write("a", std::string(100'000, 'x'));
    EXPECT_LT(at.kept->counted().bytes - before, 2000u);
}

TEST(embedded, class_memory_never_reaches_the_disk) {
    embedded_lab at;
    EXPECT_EQ(at.write("a", "1", durability::memory)->lasts, durability::memory);
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "-");
}

TEST(embedded, who_becomes_of_class_memory_is_not_kept_as_it_was) {
    embedded_lab at;
    (void)at.write("a", "1");
    const auto synced = at.syncs();
    EXPECT_EQ(at.write("a", "2", durability::memory)->lasts, durability::memory);
    EXPECT_GT(at.syncs(), synced) << "what was there does not come back after a crash";
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "-");
}

TEST(embedded, what_ends_with_a_process_is_counted_by_the_next_one) {
    embedded_lab at;
    (void)at.write("a", "1", durability::memory);
    (void)at.write("b", "1", durability::memory);
    (void)at.write("c", "1", durability::memory);
    (void)at.write("b", "1", durability::sync);
    (void)at.erase("c");
    EXPECT_EQ(at.shop->light, 1u);
    at.reopen();
    EXPECT_EQ(at.shop->lost, 1u);
    EXPECT_EQ(at.shop->light, 0u);
    EXPECT_EQ(at.data_of("b"), "1");
    at.reopen();
    EXPECT_EQ(at.shop->lost, 0u);
}

TEST(embedded, an_end_stays_an_end) {
    embedded_lab at;
    (void)at.write("a", "1");
    (void)at.write("b", "1");
    (void)at.erase("a");
    const auto end = at.erase("b", 1min);
    EXPECT_EQ(end->lasts, durability::sync);
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "-");
    EXPECT_EQ(at.data_of("b"), "-");
    EXPECT_EQ(at.write("b", "late")->outcome, outcome::ended) << "its tombstone stands too";
    EXPECT_EQ(at.read("b").at, end->at);
}

TEST(embedded, versions_go_on_growing) {
    embedded_lab at;
    const auto first = at.write("a", "1");
    (void)at.erase("a");
    at.reopen();
    EXPECT_GT(at.write("a", "2")->at, first->at);
}

TEST(embedded, who_has_expired_meanwhile_is_gone_and_told) {
    embedded_lab at;
    (void)at.write("a", "1", durability::sync, {.expires = at.now() + 20ms});
    at.close();
    at.pass(30ms);
    at.open();
    EXPECT_EQ(at.data_of("a"), "-");
    while (at.kept->sweep(at.now() + 1s, 100)) {
    }
    EXPECT_EQ(at.ended, (std::vector<std::string>{"a"}));
    at.reopen();
    EXPECT_EQ(at.kept->counted().loaded, 0u) << "the expiry was kept";
}

TEST(embedded, the_longest_idle_makes_room_after_a_restart_too) {
    embedded_lab at;
    for (const char* name : {"c", "a", "b"}) {
        (void)at.write(name, "1");
        at.pass(2ms);  // times are kept in milliseconds
    }
    at.reopen();
    at.shop->held.set_room({.records = 3});
    at.shop->set_answer(when_full::evict);
    EXPECT_TRUE(at.write("d", "1").has_value());
    EXPECT_EQ(at.ended, (std::vector<std::string>{"c"}));
}

TEST(embedded, a_lowered_limit_ends_nobody_who_was_kept) {
    embedded_lab at;
    for (int i = 0; i < 10; ++i) (void)at.write(std::to_string(i), "1");
    at.close();
    at.shop = std::make_unique<space>("shop", 3);
    at.shop->held.set_room({.records = 2});
    at.kept = at.make();
    at.await(condition::ready);
    EXPECT_EQ(at.shop->held.records(), 10u);
    EXPECT_FALSE(at.write("more", "1").has_value());
}

// Touches.

TEST(embedded, a_session_that_is_read_often_is_stored_seldom) {
    embedded_lab at;
    (void)at.write("a", std::string(500, 'x'), durability::interval, {.idle = 30min});
    at.ask(at.kept->write(at.id("b"),
                          {.name = "b", .data = {}, .life = {}, .lasts = durability::sync}, {},
                          at.now()))
        .value();
    const auto before = at.disk.appended();
    for (int i = 0; i < 1000; ++i) {
        (void)at.read("a", true);
        (void)at.ask(at.kept->touch(at.id("a"), {.expires = at.now() + 24h}, at.now()));
    }
    (void)at.write("b", "1");  // by then what was touched is written too
    EXPECT_LT(at.disk.appended() - before, 8u * 1024) << "T4";
}

TEST(embedded, who_was_seen_lately_does_not_expire_after_a_restart) {
    embedded_lab at;
    (void)at.write("a", "1", durability::interval, {.idle = 30min});
    at.pass(20min);
    (void)at.read("a", true);
    at.reopen();
    at.pass(20min);  // past the end that it had when it was written
    EXPECT_EQ(at.data_of("a"), "1");
    const auto found = at.read("a");
    EXPECT_LE(found.record->seen, at.now());
}

TEST(embedded, less_time_is_kept_exactly_and_more_within_the_bound) {
    embedded_lab at;
    const auto begin = at.now();
    (void)at.write("less", "1", durability::sync, {.expires = begin + 1h});
    (void)at.write("more", "1", durability::sync, {.expires = begin + 1h});
    (void)at.ask(at.kept->touch(at.id("less"), {.expires = begin + 30min}, begin));
    (void)at.ask(at.kept->touch(at.id("more"), {.expires = begin + 2h}, begin));
    at.reopen();
    EXPECT_LT(at.read("less").record->life.expires, begin + 30min + 1s);
    EXPECT_GE(at.read("more").record->life.expires, begin + 2h);
    EXPECT_LT(at.read("more").record->life.expires, begin + 2h + touch_cover + 1s);
}

// Seals.

TEST(embedded, s14_no_name_and_no_value_can_be_read_on_the_disk) {
    embedded_lab at;
    (void)at.write("sess:SECRETNAME", "SECRETVALUE");
    (void)at.write("large", std::string(5000, 'y') + "SECRETVALUE");
    at.reopen();
    (void)at.erase("sess:SECRETNAME", 1min);
    at.close();
    const std::string all = at.all_files();
    EXPECT_NE(all.find("shop"), std::string::npos) << "the namespace is no secret";
    EXPECT_EQ(all.find("SECRETNAME"), std::string::npos);
    EXPECT_EQ(all.find("SECRETVALUE"), std::string::npos);
    EXPECT_EQ(all.find("yyyyyyyy"), std::string::npos);
}

/// All that a store has kept, by someone who can write to its files.
std::vector<table::item> items_of(table& from) {
    std::vector<table::item> all;
    EXPECT_TRUE(from.scan("",
                          [&](std::string_view key, std::string_view value) {
                              if (key.front() != '\0')
                                  all.push_back(
                                      {.key = std::string(key), .value = std::string(value)});
                          })
                    .has_value());
    return all;
}

TEST(embedded, s14_what_was_moved_or_changed_on_the_disk_is_not_trusted) {
    embedded_lab at;
    (void)at.write("mine", "poor");
    (void)at.write("other", "rich");
    (void)at.write("third", "untouched");
    at.close();
    {
        table opened({.directory = at.sessions(), .disk = at.disk.env()});
        ASSERT_TRUE(opened.open().has_value());
        auto all = items_of(opened);
        ASSERT_EQ(all.size(), 3u);
        space shop("shop", 3);
        const auto place = [&](std::string_view name) {
            const record_id id{.in = &shop, .hash = {stable_hash(name, 1), stable_hash(name, 2)}};
            return std::ranges::find(all, stored_key(id, stored_kind::record), &table::item::key);
        };
        const auto mine = place("mine");
        mine->value = place("other")->value;
        place("other")->value->back() ^= 1;
        ASSERT_TRUE(opened.write(all).has_value());
        ASSERT_TRUE(opened.sync().has_value());
    }
    at.open();
    EXPECT_EQ(at.data_of("mine"), "-");
    EXPECT_EQ(at.data_of("other"), "-");
    EXPECT_EQ(at.data_of("third"), "untouched");
    EXPECT_EQ(at.kept->counted().damaged, 2u);
}

TEST(embedded, s15_keys_may_rotate_and_one_that_is_gone_opens_nothing) {
    embedded_lab at;
    (void)at.write("old", "1");
    at.ring = crypto::ring_of({{1, crypto::at(0ms)}, {2, crypto::at(1ms)}});
    at.kept->use(at.ring);
    for (int i = 0; i < 3; ++i) (void)at.write("new", "2");
    at.reopen();
    EXPECT_EQ(at.data_of("old"), "1");
    EXPECT_EQ(at.data_of("new"), "2");
    at.ring = crypto::ring_of({{2, crypto::at(1ms)}});
    at.reopen();
    EXPECT_EQ(at.data_of("old"), "-");
    EXPECT_EQ(at.data_of("new"), "2");
    EXPECT_EQ(at.kept->counted().keys_gone, 1u);
    at.ring = ring_of_tests();
    at.reopen();
    EXPECT_EQ(at.data_of("old"), "1") << "a wrong key file destroys nothing";
}

// Damage.

void flip_a_byte(const std::filesystem::path& file, double where) {
    const auto size = double(std::filesystem::file_size(file));
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = std::int64_t(size * where);
    bytes.seekg(at);
    const char was = char(bytes.get());
    bytes.seekp(at);
    bytes.put(char(was ^ 0x55));
}

std::vector<std::filesystem::path> files_of(const embedded_lab& at, std::string_view kind) {
    std::vector<std::filesystem::path> found;
    for (const auto& each : std::filesystem::directory_iterator(at.sessions()))
        if (each.path().extension() == kind && std::filesystem::file_size(each) > 0)
            found.push_back(each.path());
    return found;
}

void expect_set_aside(embedded_lab& at) {
    at.open();
    EXPECT_EQ(at.kept->counted().set_aside, 1u);
    EXPECT_EQ(at.data_of("s0"), "-");
    EXPECT_TRUE(std::filesystem::exists(at.place.path / "sessions.damaged"));
    EXPECT_EQ(at.write("anew", "1")->lasts, durability::sync);
    at.reopen();
    EXPECT_EQ(at.data_of("anew"), "1");
    EXPECT_EQ(at.kept->counted().set_aside, 0u);
}

TEST(embedded, a_log_that_is_damaged_before_its_synced_end_is_set_aside) {
    embedded_lab at;
    for (int i = 0; i < 50; ++i) (void)at.write("s" + std::to_string(i), std::string(200, 'x'));
    at.close();
    const auto logs = files_of(at, ".log");
    ASSERT_FALSE(logs.empty());
    for (const auto& each : logs) flip_a_byte(each, 0.5);
    expect_set_aside(at);
}

TEST(embedded, a_table_file_that_is_damaged_is_set_aside) {
    embedded_lab at;
    for (int i = 0; i < 50; ++i) (void)at.write("s" + std::to_string(i), std::string(200, 'x'));
    at.reopen();  // what was in the log is in a table file now
    at.close();
    const auto tables = files_of(at, ".sst");
    ASSERT_FALSE(tables.empty());
    for (const auto& each : tables) flip_a_byte(each, 0.3);
    expect_set_aside(at);
}

TEST(embedded, files_that_are_missing_are_noticed) {
    embedded_lab at;
    for (int i = 0; i < 50; ++i) (void)at.write("s" + std::to_string(i), "x");
    at.reopen();
    at.close();
    std::filesystem::remove(at.sessions() / "CURRENT");
    expect_set_aside(at);
}

TEST(embedded, opens_after_a_torn_write) {
    embedded_lab at;
    (void)at.write("a", "1");
    at.close();
    const auto logs = files_of(at, ".log");
    ASSERT_FALSE(logs.empty());
    for (const auto& each : logs) {
        std::ofstream more(each, std::ios::binary | std::ios::app);
        more << "half a record that was cut";
    }
    at.open();
    EXPECT_EQ(at.data_of("a"), "1");
    EXPECT_EQ(at.kept->counted().set_aside, 0u);
}

// Failures.

TEST(embedded, while_the_disk_is_full_changes_are_refused_and_reads_are_served) {
    embedded_lab at;
    (void)at.write("a", "1");
    at.disk.set_full(true);
    const auto first = at.write("b", "1");
    ASSERT_FALSE(first.has_value());
    EXPECT_EQ(first.error().code, errc::exhausted);
    at.await(condition::failing);
    EXPECT_EQ(at.write("a", "2").error().code, errc::exhausted);
    EXPECT_EQ(at.erase("a").error().code, errc::exhausted);
    EXPECT_EQ(at.ask(at.kept->touch(at.id("a"), {}, at.now())).error().code, errc::exhausted);
    EXPECT_EQ(at.data_of("a"), "1");
    EXPECT_EQ(at.shop->refused_by_failure, 4u);
    EXPECT_EQ(at.write("light", "1", durability::memory)->outcome, outcome::kept);
    at.disk.set_full(false);
    at.await(condition::ready);
    EXPECT_EQ(at.write("a", "3")->lasts, durability::sync);
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "3");
}

TEST(embedded, a_namespace_may_go_on_in_memory_and_is_told_so) {
    embedded_lab at;
    at.shop->set_answer_to_failure(when_failing::serve);
    at.disk.set_full(true);
    EXPECT_EQ(at.write("a", "1")->lasts, durability::memory);
    at.await(condition::failing);
    EXPECT_EQ(at.write("a", "2")->lasts, durability::memory);
    (void)at.write("b", "1");
    EXPECT_EQ(at.erase("b")->lasts, durability::memory);
    EXPECT_EQ(at.shop->not_kept, 4u);
    EXPECT_EQ(at.data_of("a"), "2");
    at.disk.set_full(false);
    at.await(condition::ready);
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "2") << "it is kept once that is possible again";
    EXPECT_EQ(at.data_of("b"), "-");
}

TEST(embedded, what_a_failed_sync_has_lost_is_written_again) {
    embedded_lab at;
    ASSERT_TRUE(at.write("a", "1", durability::interval).has_value());
    at.disk.set_broken(true);
    EXPECT_FALSE(at.write("b", "1", durability::sync).has_value());
    at.await(condition::failing);
    at.disk.set_broken(false);
    at.await(condition::ready);
    at.disk.stop();
    at.close();
    at.disk.cut(false);
    at.open();
    EXPECT_EQ(at.data_of("a"), "1") << "it was told to be kept, and the sync after it failed";
}

TEST(embedded, while_another_process_has_the_store_it_is_opening) {
    embedded_lab at;
    (void)at.write("a", "1");
    auto former = std::move(at.kept);
    const auto other = std::exchange(at.shop, nullptr);
    at.open(false);
    EXPECT_EQ(at.shop->condition(), condition::opening);
    const auto early = at.ask(at.kept->read(at.id("a"), false, at.now()));
    EXPECT_EQ(early.error().code, errc::unavailable);
    EXPECT_TRUE(early.error().safe_to_retry);
    EXPECT_EQ(at.write("a", "2").error().code, errc::unavailable);
    former->close();
    at.await(condition::ready);
    EXPECT_EQ(at.data_of("a"), "1");
}

TEST(embedded, a_disk_that_does_not_answer_keeps_nobody_waiting) {
    embedded_lab at;
    at.patience = 20ms;
    at.reopen();
    at.disk.set_sync_time(1h);
    const auto first = at.write("a", "1");
    EXPECT_EQ(first.error().code, errc::unavailable) << "nobody knows";
    EXPECT_FALSE(first.error().safe_to_retry);
    while (!at.disk.is_syncing()) std::this_thread::yield();
    at.pass(6s);
    const auto second = at.write("b", "1");
    EXPECT_EQ(second.error().code, errc::unavailable);
    EXPECT_TRUE(second.error().safe_to_retry) << "it has not been tried";
    EXPECT_EQ(at.kept->fares(), condition::failing);
    EXPECT_EQ(at.data_of("a"), "1");
    at.disk.set_sync_time(0ms);
    while (at.kept->fares() != condition::ready) std::this_thread::yield();
    at.patience = 1min;
    at.reopen();
    EXPECT_EQ(at.data_of("a"), "1");
    EXPECT_EQ(at.write("b", "2")->lasts, durability::sync);
}

TEST(embedded, t5_a_slow_disk_holds_back_what_could_be_lost_by_a_power_cut) {
    embedded_lab at;
    at.disk.set_sync_time(600ms);
    (void)at.write("a", "1", durability::sync);  // now it is known to be slow
    const auto syncs = at.disk.syncs();
    (void)at.write("b", "1", durability::interval);
    EXPECT_GT(at.disk.syncs(), syncs) << "told after a sync only";
}

TEST(embedded, many_share_a_sync) {
    embedded_lab at;
    at.disk.set_sync_time(20ms);
    const auto syncs = at.disk.syncs();
    scope all;
    int done = 0;
    for (int i = 0; i < 100; ++i)
        all.spawn([](embedded_lab& lab, int number, int& count) -> task<> {
            record what{
                .name = std::to_string(number), .data = "x", .life = {}, .lasts = durability::sync};
            const auto id = lab.id(what.name);
            const auto told = co_await lab.kept->write(id, std::move(what), {}, lab.now());
            if (told) ++count;
        }(at, i, done));
    while (all.running() > 0) at.here.turn();
    EXPECT_EQ(done, 100);
    EXPECT_LT(at.disk.syncs() - syncs, 10u);
}

}  // namespace
}  // namespace hawser::store
