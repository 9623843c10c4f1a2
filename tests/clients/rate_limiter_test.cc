// SPDX-License-Identifier: Apache-2.0
#include "clients/rate_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hawser::clients {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start = steady_time() + 1h;

class buckets {
  public:
    explicit buckets(rate allowed, std::size_t keys = 1024) : limiter_(allowed, keys, {}) {}

    std::chrono::nanoseconds ask(std::string_view key, steady_time now) {
        return limiter_.take({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}, now);
    }
    bool admits(std::string_view key, steady_time now) { return ask(key, now) == 0ns; }

  private:
    rate_limiter limiter_;
};

TEST(rate_limiter, a_full_bucket_gives_its_burst_at_once) {
    buckets limit({.requests = 10, .per = 1s, .burst = 5});
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(limit.admits("a", start)) << i;
    EXPECT_FALSE(limit.admits("a", start));
    EXPECT_TRUE(limit.admits("b", start)) << "each key has a bucket of its own";
}

TEST(rate_limiter, a_token_comes_back_in_its_time_and_not_before) {
    buckets limit({.requests = 10, .per = 1s, .burst = 1});
    EXPECT_TRUE(limit.admits("a", start));
    EXPECT_EQ(limit.ask("a", start), 100ms);
    EXPECT_EQ(limit.ask("a", start + 99ms), 1ms);
    EXPECT_TRUE(limit.admits("a", start + 100ms));
    EXPECT_FALSE(limit.admits("a", start + 150ms));
}

TEST(rate_limiter, who_is_refused_loses_nothing_by_asking) {
    buckets limit({.requests = 1, .per = 1s, .burst = 1});
    EXPECT_TRUE(limit.admits("a", start));
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limit.admits("a", start + 500ms));
    EXPECT_TRUE(limit.admits("a", start + 1s));
}

TEST(rate_limiter, a_long_silence_fills_the_bucket_and_no_more) {
    buckets limit({.requests = 100, .per = 1s, .burst = 3});
    for (const auto now : {start, start + 24h}) {
        for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.admits("a", now));
        EXPECT_FALSE(limit.admits("a", now));
    }
}

TEST(rate_limiter, keeps_the_rate_over_a_long_time) {
    buckets limit({.requests = 30, .per = 1min, .burst = 10});
    int admitted = 0;
    for (auto now = start; now < start + 10min; now += 100ms) admitted += limit.admits("a", now);
    EXPECT_EQ(admitted, 10 + 299);  // the burst, and what came back until the last question
}

TEST(rate_limiter, more_keys_than_room_forgive_early_but_never_refuse_wrongly) {
    buckets limit({.requests = 1, .per = 1h, .burst = 1}, 64);
    for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(limit.admits(std::to_string(i), start)) << i;
}

TEST(rate_limiter, workers_share_each_bucket) {
    rate_limiter limiter({.requests = 1, .per = 1h, .burst = 1000}, 16, {});
    std::atomic<int> admitted{0};
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker)
        workers.emplace_back([&] {
            const std::uint8_t key = 7;
            for (int i = 0; i < 1000; ++i) admitted += limiter.take({&key, 1}, start) == 0ns;
        });
    workers.clear();
    EXPECT_EQ(admitted, 1000);
}

}  // namespace
}  // namespace hawser::clients
