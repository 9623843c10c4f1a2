// SPDX-License-Identifier: Apache-2.0
#include "clients/source_counts.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <utility>
#include <vector>

namespace hawser::clients {
namespace {

io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }

TEST(source_counts, e162_a_source_has_no_more_than_its_share) {
    source_counts counts({});
    std::array<source_counts::counted, 3> places;
    EXPECT_TRUE(counts.take(ip("10.0.0.1"), 2, places[0]));
    EXPECT_TRUE(counts.take(ip("10.0.0.1"), 2, places[1]));
    EXPECT_FALSE(counts.take(ip("10.0.0.1"), 2, places[2]));
    EXPECT_TRUE(counts.take(ip("10.0.0.2"), 2, places[2])) << "others have their own";
    places[0] = {};
    EXPECT_TRUE(counts.take(ip("10.0.0.1"), 2, places[0])) << "what ends makes room";
}

TEST(source_counts, e135_an_ipv6_64_is_one_source) {
    source_counts counts({});
    source_counts::counted first;
    source_counts::counted second;
    EXPECT_TRUE(counts.take(ip("2001:db8::1"), 1, first));
    EXPECT_FALSE(counts.take(ip("2001:db8::ffff:1"), 1, second));
    EXPECT_TRUE(counts.take(ip("2001:db8:0:1::1"), 1, second));
}

TEST(source_counts, remembers_nobody_who_has_left) {
    source_counts counts({});
    {
        std::vector<source_counts::counted> places(100);
        for (std::uint8_t i = 0; i < 100; ++i)
            EXPECT_TRUE(counts.take(ip("10.0.0." + std::to_string(i)), 1, places[i]));
        EXPECT_EQ(counts.sources(), 100u);
        source_counts::counted more;
        EXPECT_FALSE(counts.take(ip("10.0.0.1"), 0, more));
        source_counts::counted taken_over = std::move(places[0]);
        EXPECT_EQ(counts.sources(), 100u);
    }
    EXPECT_EQ(counts.sources(), 0u);
    source_counts::counted none;
    EXPECT_FALSE(counts.take(ip("10.0.0.1"), 0, none));
    EXPECT_EQ(counts.sources(), 0u);
}

TEST(source_counts, workers_share_the_counts) {
    source_counts counts({});
    std::array<int, 4> taken{};
    std::vector<source_counts::counted> kept(400);
    {
        std::vector<std::jthread> workers;
        for (std::size_t worker = 0; worker < taken.size(); ++worker)
            workers.emplace_back([&, worker] {
                for (std::size_t i = 0; i < 100; ++i)
                    taken[worker] += counts.take(ip("10.0.0.1"), 150, kept[worker * 100 + i]);
            });
    }
    EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], 150);
}

}  // namespace
}  // namespace hawser::clients
