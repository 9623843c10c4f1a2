// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/dictionaries.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "store/embedded/lab.h"
#include "store/embedded/packing.h"
#include "store/embedded/table.h"

namespace hawser::store {
namespace {

/// What express-session keeps, about: 600 bytes, of which a third is of one user alone.
std::string session(std::uint64_t number) {
    const auto chance = [number](std::uint64_t of) {
        return std::to_string(stable_hash("chance", number * 100 + of));
    };
    std::string made =
        R"({"cookie":{"originalMaxAge":1800000,"expires":"2027-01-01T00:00:00.000Z",)"
        R"("httpOnly":true,"path":"/"},"passport":{"user":")" +
        chance(0) + R"("},"csrfSecret":")" + chance(1) + R"(","cart":{"items":[)";
    for (std::uint64_t i = 0; i < 4; ++i)
        made += (i == 0 ? R"({"sku":")" : R"(,{"sku":")") + chance(2 + i) +
                R"(","title":"An article, blue, large","quantity":1})";
    return made + "]}}";
}

/// The same of another application.
std::string other_session(std::uint64_t number) {
    std::string made = "_token|s:20:\"" + std::to_string(stable_hash("token", number)) + "\";";
    for (std::uint64_t i = 0; i < 6; ++i)
        made += "_sf2_attributes|a:1:{s:14:\"_security_main\";s:20:\"" +
                std::to_string(stable_hash("part", number * 100 + i)) + "\";}_flashes|a:0:{}";
    return made;
}

// By itself.

using text_of = std::string (*)(std::uint64_t number);

std::vector<std::string> many(text_of text, std::uint64_t count, std::uint64_t from = 0) {
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < count; ++i) made.push_back(text(from + i));
    return made;
}

/// What a store does with what it writes: returns how many bytes it became.
std::size_t write(dictionaries& to, space& in, std::uint64_t number, const std::string& plain) {
    packer by;
    std::string packed;
    const bool is_smaller = by.pack(plain, to.current(in), packed);
    to.note({.in = &in, .hash = {number, number}}, plain, is_smaller ? packed.size() : 0);
    return is_smaller ? packed.size() : plain.size();
}

void await_trained(dictionaries& to) {
    for (;;) {
        if (auto done = to.take_trained()) {
            to.add(*done->in, std::move(done->made));
            return;
        }
        std::this_thread::yield();
    }
}

TEST(dictionaries, what_is_packed_by_one_is_unpacked_by_no_other) {
    const auto one = dictionary::train(many(session, 200));
    const auto other = dictionary::train(many(other_session, 200));
    ASSERT_TRUE(one != nullptr && other != nullptr);
    EXPECT_NE(one->id(), other->id());
    const auto again = dictionary::of(one->bytes());
    const auto plain = session(1000);
    packer by;
    std::string packed;
    ASSERT_TRUE(by.pack(plain, one.get(), packed));
    EXPECT_LT(packed.size(), plain.size() / 2);
    EXPECT_EQ(packer::dictionary_of(packed), one->id());
    std::string back(plain.size(), '\0');
    EXPECT_TRUE(by.unpack(packed, again.get(), back));
    EXPECT_EQ(back, plain);
    EXPECT_FALSE(by.unpack(packed, other.get(), back));
    EXPECT_FALSE(by.unpack(packed, nullptr, back));
    EXPECT_EQ(dictionary::of("no dictionary"), nullptr);
}

TEST(dictionaries, are_trained_once_there_are_enough_different_records) {
    dictionaries all;
    space shop("shop", 3);
    for (std::uint64_t i = 0; i < 10 * dictionaries::samples; ++i)
        write(all, shop, i % 100, session(i));
    EXPECT_FALSE(all.take_trained());
    for (std::uint64_t i = 0; i <= dictionaries::samples; ++i)
        write(all, shop, 1000 + i, session(i));
    await_trained(all);
    EXPECT_LT(write(all, shop, 1, session(5000)), session(5000).size() / 2);
    EXPECT_GT(all.spared(), 0u);
}

TEST(dictionaries, of_records_that_have_nothing_in_common_there_is_none) {
    dictionaries all;
    space shop("shop", 3);
    const auto noise = [](std::uint64_t number) {
        std::string made;
        for (std::uint64_t i = 0; i < 64; ++i) {
            const auto some = stable_hash("noise", number * 64 + i);
            made.append(reinterpret_cast<const char*>(&some), sizeof some);
        }
        return made;
    };
    // Long enough for it to have come, if one were to come.
    for (std::uint64_t i = 0; i < 2000; ++i) {
        write(all, shop, i, noise(i));
        EXPECT_FALSE(all.take_trained());
    }
    EXPECT_EQ(all.current(shop), nullptr);
    EXPECT_EQ(all.spared(), 0u);
}

TEST(dictionaries, come_anew_when_records_have_become_others_and_former_ones_stay_while_needed) {
    dictionaries all;
    space shop("shop", 3);
    std::uint64_t number = 0;
    const auto write_some = [&](text_of text, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i, ++number) write(all, shop, number, text(number));
    };
    write_some(session, dictionaries::samples + 1);
    await_trained(all);
    const auto first = all.current(shop)->id();
    write_some(session, 3 * dictionaries::looked_at);
    EXPECT_FALSE(all.take_trained()) << "nothing has changed";
    write_some(other_session, 2 * dictionaries::looked_at + dictionaries::samples);
    await_trained(all);
    const auto second = all.current(shop)->id();
    EXPECT_NE(first, second);
    ASSERT_EQ(all.all(shop).size(), 2u);

    EXPECT_NE(all.find(shop, first), nullptr);
    EXPECT_TRUE(all.drop_unused(shop).empty());
    all.forget(shop);
    EXPECT_EQ(all.find(shop, first), nullptr);
}

TEST(dictionaries, that_nobody_asks_for_are_dropped_but_for_the_current_one) {
    dictionaries all;
    space shop("shop", 3);
    const dictionaries::one old = dictionary::train(many(session, 200));
    const dictionaries::one current = dictionary::train(many(other_session, 200));
    all.add(shop, current, 7);
    all.add(shop, old, 4);
    EXPECT_EQ(all.current(shop), current.get());
    EXPECT_EQ(all.drop_unused(shop), std::vector<std::uint32_t>{4});
    EXPECT_EQ(all.find(shop, old->id()), nullptr);
    all.reserve(shop, 9);
    EXPECT_EQ(all.add(shop, old), 10u) << "the place of one that cannot be read is not taken";
}

// In a store.

/// Has the store learn from sessions that are called `early:...`.
void learn(embedded_lab& at) {
    for (std::uint64_t i = 0; i <= dictionaries::samples; ++i)
        ASSERT_TRUE(at.write("early:" + std::to_string(i), session(i), durability::interval));
    while (at.kept->counted().dictionaries == 0) std::this_thread::yield();
}

std::uint64_t bytes_of_write(embedded_lab& at, std::string_view name, std::string_view data) {
    (void)at.write(name, data);  // whatever else was to be written
    const auto before = at.kept->counted().bytes.load();
    (void)at.write(name, std::string(data) + " ");
    return at.kept->counted().bytes - before;
}

TEST(dictionaries, records_take_less_than_half_and_come_back_whole) {
    embedded_lab at;
    const auto before = bytes_of_write(at, "a", session(9000));
    learn(at);
    EXPECT_LT(bytes_of_write(at, "a", session(9000)), before / 2);
    for (std::uint64_t i = 0; i < 50; ++i)
        (void)at.write("late:" + std::to_string(i), session(5000 + i));
    for (int turn = 0; turn < 2; ++turn) {
        at.reopen();
        EXPECT_EQ(at.kept->counted().damaged, 0u);
        for (std::uint64_t i = 0; i < 50; ++i)
            EXPECT_EQ(at.data_of("late:" + std::to_string(i)), session(5000 + i));
        for (std::uint64_t i = 0; i <= dictionaries::samples; ++i)
            EXPECT_EQ(at.data_of("early:" + std::to_string(i)), session(i));
    }
    EXPECT_LT(bytes_of_write(at, "a", session(9000)), before / 2) << "it is used again";
}

TEST(dictionaries, a_power_cut_before_or_after_the_first_use_takes_nothing) {
    for (const bool is_used : {false, true}) {
        embedded_lab at;
        learn(at);
        if (is_used) (void)at.write("late", session(5000), durability::sync);
        at.disk.stop();
        at.close();
        at.disk.cut(true);
        at.open();
        EXPECT_EQ(at.kept->counted().damaged, 0u);
        EXPECT_EQ(at.kept->counted().set_aside, 0u);
        EXPECT_EQ(at.data_of("late"), is_used ? session(5000) : "-");
        (void)at.write("later", session(6000));
        at.reopen();
        EXPECT_EQ(at.data_of("later"), session(6000));
        EXPECT_EQ(at.kept->counted().damaged, 0u);
    }
}

TEST(dictionaries, they_are_there_again_after_the_disk_has_failed) {
    embedded_lab at;
    learn(at);
    (void)at.write("late", session(5000));
    at.disk.set_broken(true);
    (void)at.write("later", session(6000));
    at.disk.set_broken(false);
    at.await(condition::ready);
    at.reopen();
    EXPECT_EQ(at.data_of("late"), session(5000));
    EXPECT_EQ(at.data_of("early:7"), session(7));
    EXPECT_EQ(at.kept->counted().damaged, 0u);
}

/// All dictionaries that lie in the table, by someone who can write to its files.
void change_dictionaries(const embedded_lab& at) {
    table opened({.directory = at.sessions(), .disk = at.disk.env()});
    ASSERT_TRUE(opened.open().has_value());
    std::vector<table::item> all;
    const auto read =
        opened.scan(dictionary_prefix(*at.shop), [&](std::string_view key, std::string_view value) {
            all.push_back({.key = std::string(key), .value = std::string(value)});
            all.back().value->back() ^= 1;
        });
    ASSERT_TRUE(read && !all.empty());
    ASSERT_TRUE(opened.write(all) && opened.sync());
}

TEST(dictionaries, one_that_was_damaged_takes_its_records_with_it_and_no_others) {
    embedded_lab at;
    learn(at);
    for (std::uint64_t i = 0; i < 5; ++i)
        (void)at.write("late:" + std::to_string(i), session(5000 + i));
    at.kept.reset();
    change_dictionaries(at);
    at.open();
    EXPECT_EQ(at.kept->counted().damaged, 1u + 5u);
    EXPECT_EQ(at.kept->counted().set_aside, 0u);
    for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(at.data_of("late:" + std::to_string(i)), "-");
    EXPECT_EQ(at.data_of("early:7"), session(7)) << "it was there before the dictionary";
    (void)at.write("anew", session(6000));
    at.reopen();
    EXPECT_EQ(at.data_of("anew"), session(6000));
    EXPECT_EQ(at.kept->counted().damaged, 0u);
}

TEST(dictionaries, s15_outlive_the_key_that_they_were_sealed_with) {
    embedded_lab at;
    learn(at);
    at.ring = crypto::ring_of({{1, crypto::at(0ms)}, {2, crypto::at(1ms)}});
    at.kept->use(at.ring);
    for (int i = 0; i < 3; ++i) (void)at.write("late", session(5000));
    at.ring = crypto::ring_of({{2, crypto::at(1ms)}});
    at.reopen();
    EXPECT_EQ(at.data_of("late"), session(5000));
    EXPECT_EQ(at.data_of("early:7"), "-");
    at.ring = crypto::ring_of({{1, crypto::at(0ms)}});
    at.reopen();
    EXPECT_EQ(at.data_of("late"), "-");
    EXPECT_EQ(at.kept->counted().damaged, 0u) << "a wrong key file destroys nothing";
    at.ring = crypto::ring_of({{1, crypto::at(0ms)}, {2, crypto::at(1ms)}});
    at.reopen();
    EXPECT_EQ(at.data_of("late"), session(5000));
    EXPECT_EQ(at.data_of("early:7"), session(7));
}

TEST(dictionaries, s14_hold_what_users_have_and_say_none_of_it_on_the_disk) {
    embedded_lab at;
    learn(at);
    (void)at.write("late", session(5000));
    at.close();
    EXPECT_EQ(at.all_files().find("originalMaxAge"), std::string::npos);
}

}  // namespace
}  // namespace hawser::store
