// SPDX-License-Identifier: Apache-2.0
#include "observe/counter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

TEST(counter, counts_up) {
    counter count;
    count.add();
    count.add(41);
    EXPECT_EQ(count.value(), 42u);
}

TEST(histogram, puts_a_duration_into_the_first_bucket_that_holds_it) {
    for (std::size_t bucket = 0; bucket < request_bounds.size(); ++bucket) {
        const auto bound = static_cast<std::uint64_t>(request_bounds[bucket].count());
        EXPECT_EQ(request_histogram::bucket_of(bound), bucket);
        EXPECT_EQ(request_histogram::bucket_of(bound + 1), bucket + 1);
    }
    EXPECT_EQ(request_histogram::bucket_of(0), 0u);
    EXPECT_EQ(request_histogram::bucket_of(~std::uint64_t{0}), request_bounds.size());
}

TEST(histogram, has_rising_bounds) {
    EXPECT_TRUE(std::ranges::is_sorted(request_bounds));
    EXPECT_TRUE(std::ranges::is_sorted(session_bounds));
}

TEST(histogram, counts_and_sums) {
    request_histogram histogram;
    histogram.add(200us);
    histogram.add(240us);
    histogram.add(2min);
    EXPECT_EQ(histogram.count(1), 2u);
    EXPECT_EQ(histogram.count(request_bounds.size()), 1u);
    EXPECT_EQ(histogram.sum(), 2min + 440us);
}

template <std::size_t Capacity>
std::map<std::string, std::uint64_t> counts_of(const cause_counters<Capacity>& causes) {
    std::map<std::string, std::uint64_t> counts;
    causes.for_each([&](std::string_view cause, std::string_view of, std::uint64_t count) {
        counts[std::string(cause) + '/' + std::string(of)] = count;
    });
    return counts;
}

TEST(cause_counters, counts_each_cause_apart) {
    cause_counters<8> causes;
    causes.add("refused");
    causes.add("reset");
    causes.add("refused");
    causes.add("forged", "cookie");
    causes.add("forged", "header");
    EXPECT_EQ(counts_of(causes),
              (std::map<std::string, std::uint64_t>{
                  {"refused/", 2}, {"reset/", 1}, {"forged/cookie", 1}, {"forged/header", 1}}));
}

TEST(cause_counters, counts_together_what_exceeds_its_room) {
    cause_counters<3> causes;
    for (const auto* cause : {"a", "b", "c", "d", "c", "a"}) causes.add(cause);
    EXPECT_EQ(counts_of(causes),
              (std::map<std::string, std::uint64_t>{{"a/", 2}, {"b/", 1}, {"other/", 3}}));
}

TEST(verdict_counters, counts_each_pair_apart) {
    verdict_counters verdicts;
    verdicts.add(1, 2);
    verdicts.add(1, 2);
    verdicts.add(2, 1);
    EXPECT_EQ(verdicts.value(1, 2), 2u);
    EXPECT_EQ(verdicts.value(2, 1), 1u);
    EXPECT_EQ(verdicts.value(0, 0), 0u);
}

}  // namespace
}  // namespace hawser::observe
