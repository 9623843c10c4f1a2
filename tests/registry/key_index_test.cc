// SPDX-License-Identifier: Apache-2.0
#include "registry/key_index.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace hawser::registry {
namespace {

/// An index and, for each record, the hash under which it was put in.
struct model {
    key_index index;
    std::unordered_map<record_number, std::uint64_t> hashes;

    void insert(record_number number, std::uint64_t hash) {
        if (index.is_full())
            index.rebuild([&](auto insert) {
                for (const auto& [known, of] : hashes) insert(of, {known, known % 2 == 1});
            });
        index.insert(hash, {number, number % 2 == 1});
        hashes[number] = hash;
    }

    key_index::position find(record_number number, std::uint64_t hash) const {
        return index.find(hash, [&](key_index::reference to) { return to.number == number; });
    }

    void erase(record_number number) {
        index.erase(find(number, hashes[number]));
        hashes.erase(number);
    }
};

TEST(key_index, an_empty_one_finds_nothing) {
    const key_index index;
    EXPECT_EQ(index.find(5, [](auto) { return true; }), key_index::nowhere);
    EXPECT_TRUE(index.is_full());
    EXPECT_EQ(index.bytes(), 0u);
}

TEST(key_index, finds_each_of_many_through_growth_and_removal) {
    model all;
    std::mt19937_64 random(1);
    record_number next = 1;
    for (int n = 0; n < 30'000; ++n) {
        if (random() % 3 != 0 || all.hashes.empty()) {
            all.insert(next++, random());
        } else {
            all.erase(all.hashes.begin()->first);
        }
    }
    ASSERT_EQ(all.index.keys(), all.hashes.size());
    for (const auto& [number, hash] : all.hashes) {
        const auto at = all.find(number, hash);
        ASSERT_NE(at, key_index::nowhere);
        EXPECT_EQ(all.index[at].number, number);
        EXPECT_EQ(all.index[at].extra, number % 2 == 1);
    }
}

TEST(key_index, keys_of_one_place_are_told_apart) {
    model all;
    for (record_number number = 1; number <= 40; ++number)
        all.insert(number, 0xffff'ffff'ffff'ffff);
    for (record_number number = 1; number <= 40; number += 2) all.erase(number);
    for (record_number number = 1; number <= 40; ++number)
        EXPECT_EQ(all.find(number, 0xffff'ffff'ffff'ffff) != key_index::nowhere, number % 2 == 0);
}

TEST(key_index, takes_less_than_seven_bytes_a_key_while_it_grows) {
    model all;
    std::mt19937_64 random(2);
    for (record_number number = 1; number <= 20'000; ++number) {
        all.insert(number, random());
        if (number > 100) ASSERT_LT(all.index.bytes(), 7u * number);
    }
}

TEST(key_index, stays_as_large_under_churn) {
    model all;
    std::mt19937_64 random(3);
    record_number next = 1;
    for (; next <= 5'000; ++next) all.insert(next, random());
    for (int n = 0; n < 100'000; ++n, ++next) {
        all.erase(next - 5'000);
        all.insert(next, random());
    }
    EXPECT_LE(all.index.bytes(), 5'000u * 7);
}

}  // namespace
}  // namespace hawser::registry
