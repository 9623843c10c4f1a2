// SPDX-License-Identifier: Apache-2.0
#include "observe/access_record.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace hawser::observe {
namespace {

TEST(access_record, keeps_a_copy_of_each_text) {
    access_record record;
    {
        const std::string dies_soon = "/cart?item=7";
        record.put(text::target, dies_soon);
    }
    record.put(text::method, "GET");

    EXPECT_EQ(record.get(text::target), "/cart?item=7");
    EXPECT_EQ(record.get(text::method), "GET");
    EXPECT_EQ(record.get(text::host), "");
}

TEST(access_record, cuts_a_text_at_its_bound_and_says_so) {
    access_record record;
    record.put(text::target, std::string(limits::logged_target_max, 'a'));
    EXPECT_FALSE(record.is_cut(text::target));

    record.put(text::target, std::string(limits::logged_target_max + 1, 'b'));
    EXPECT_TRUE(record.is_cut(text::target));
    EXPECT_EQ(record.get(text::target), std::string(limits::logged_target_max, 'b'));
    EXPECT_FALSE(record.is_cut(text::method));
}

TEST(access_record, takes_every_text_at_its_longest) {
    access_record record;
    for (std::size_t index = 0; index < text_max.size(); ++index)
        record.put(static_cast<text>(index),
                   std::string(text_max[index], static_cast<char>('a' + index)));

    for (std::size_t index = 0; index < text_max.size(); ++index) {
        const auto which = static_cast<text>(index);
        EXPECT_EQ(record.get(which), std::string(text_max[index], static_cast<char>('a' + index)));
        EXPECT_FALSE(record.is_cut(which));
    }
}

TEST(access_record, takes_the_last_of_several_values) {
    access_record record;
    record.put(text::server, "blue");
    record.put(text::pool, "shop");
    record.put(text::server, "evergreen");
    EXPECT_EQ(record.get(text::server), "evergreen");
    record.put(text::server, "b");
    EXPECT_EQ(record.get(text::server), "b");
    EXPECT_EQ(record.get(text::pool), "shop");
}

TEST(access_record, is_the_same_after_its_bytes_were_copied) {
    access_record record;
    record.status = 499;
    record.ended = "client-left";
    record.put(text::user_agent, "curl/8");

    access_record copy;
    std::memcpy(static_cast<void*>(&copy), record.bytes().data(), record.bytes().size());

    EXPECT_EQ(copy.status, 499);
    EXPECT_EQ(copy.ended, "client-left");
    EXPECT_EQ(copy.get(text::user_agent), "curl/8");
    EXPECT_LT(record.bytes().size(), sizeof(access_record) / 4);
}

}  // namespace
}  // namespace hawser::observe
