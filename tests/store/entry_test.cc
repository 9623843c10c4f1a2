// SPDX-License-Identifier: Apache-2.0
#include "store/entry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace hawser::store {
namespace {

using namespace std::chrono_literals;

TEST(entry, spans_are_exact_for_24_days_and_to_the_second_beyond) {
    for (const std::chrono::milliseconds span : {0ms, 1ms, 999ms, 30min + 1ms, 24h * 24 + 7ms})
        EXPECT_EQ(short_span(span).get(), span);
    const std::chrono::milliseconds long_one = 24h * 365 + 1ms;
    EXPECT_GE(short_span(long_one).get(), long_one) << "nothing ends too early by it";
    EXPECT_LT(short_span(long_one).get(), long_one + 1s);
    EXPECT_GE(short_span(std::chrono::milliseconds::max()).get(), std::chrono::years(60));
    EXPECT_EQ(short_span(-1ms).get(), 0ms);
}

TEST(entry, links_lead_to_any_other_one_and_to_itself) {
    block_heap heap;
    std::vector<entry::owner> all;
    for (std::uint64_t i = 0; i < 500; ++i)
        all.push_back(
            entry::make(&heap, {.in = nullptr, .hash = {i, i}}, "name", std::string(i * 20, 'x')));
    for (const auto& one : all) {
        EXPECT_EQ(one->next.get(), nullptr);
        for (const auto& other : all) {
            one->next = other.get();
            one->older = other.get();
            EXPECT_EQ(one->next.get(), other.get());
            EXPECT_EQ(one->older->data_size, other->data_size);
        }
        one->next = nullptr;
        EXPECT_EQ(one->next.get(), nullptr);
    }
}

TEST(entry, data_of_any_size_lies_behind_the_name_or_in_a_block_of_its_own) {
    block_heap heap;
    for (const std::size_t size : {0u, 1u, 1024u, 8000u, 8083u, 8084u, 9000u, 1'000'000u}) {
        const std::string data(size, 'd');
        for (block_heap* in : {&heap, static_cast<block_heap*>(nullptr)}) {
            const auto made = entry::make(in, {.in = nullptr, .hash = {}}, "name", data);
            EXPECT_EQ(made->name(), "name");
            EXPECT_EQ(made->data(), data);
            EXPECT_EQ(made->is_large, sizeof(entry) + 4 + size > block_heap::block_max);
            EXPECT_EQ(made->bytes(), sizeof(entry) + 4 + size);
        }
    }
}

TEST(entry, data_is_replaced_where_it_takes_the_same_room) {
    block_heap heap;
    const auto one =
        entry::make(&heap, {.in = nullptr, .hash = {}}, "name", std::string(1024, 'a'));
    EXPECT_TRUE(one->has_room_for(4 + 1030));
    EXPECT_FALSE(one->has_room_for(4 + 2000));
    EXPECT_FALSE(one->has_room_for(4 + 100)) << "it would keep more than it needs";
    one->replace_data(std::string(1030, 'b'));
    EXPECT_EQ(one->data(), std::string(1030, 'b'));
    one->replace_data(std::string(1020, 'c'));
    EXPECT_EQ(one->data(), std::string(1020, 'c'));
    EXPECT_EQ(std::string_view(one->text() + 4 + 1020, 10), std::string(10, '\0'))
        << "what is left of the former is wiped";
    const auto large =
        entry::make(&heap, {.in = nullptr, .hash = {}}, "name", std::string(9000, 'a'));
    EXPECT_TRUE(large->has_room_for(4 + 9000));
    EXPECT_FALSE(large->has_room_for(4 + 9001));
    EXPECT_FALSE(large->has_room_for(4 + 100));
}

}  // namespace
}  // namespace hawser::store
