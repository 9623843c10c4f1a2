// SPDX-License-Identifier: Apache-2.0
#include "app/session_counts.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

struct counted_pool {
    counted_pool() {
        std::vector<std::shared_ptr<upstream::server>> servers;
        for (const auto* name : {"a", "b"})
            servers.push_back(std::make_shared<upstream::server>(
                "shop",
                upstream::server_description{.name = name,
                                             .address = io::endpoint::parse("192.0.2.1:80").value(),
                                             .sessions_max = 3},
                1, std::uint32_t(servers.size())));
        pool = std::make_shared<const upstream::pool>("shop", upstream::pool_settings(),
                                                      std::move(servers));
    }

    upstream::server& operator[](std::size_t place) const { return *pool->servers()[place]; }
    void settle(std::size_t place) {
        const affinity::finding found{
            .key = {{++clients, clients}}, .session = {}, .carried = {}, .lapsed = {}};
        const auto seen = sessions->enter(pool->id(), found, now);
        (void)sessions->claim(seen.handle, seen.home, {.home = (*this)[place].id()}, now);
        sessions->leave(seen.handle, now.steady);
    }
    void tell() const { tell_session_counts({pool.get()}, *sessions); }

    instant now{.steady = steady_time(1h), .wall = wall_time(1h)};
    std::unique_ptr<registry::registry> sessions =
        registry::registry::create(
            {.capacity = 100, .tentative_capacity = 100, .extra_keys = 100, .lives = {}},
            now.steady)
            .value();
    std::shared_ptr<const upstream::pool> pool;
    std::uint64_t clients = 0;
};

TEST(session_counts, are_what_the_registry_holds_tentative_ones_included) {
    counted_pool shop;
    for (int i = 0; i < 2; ++i) shop.settle(0);
    shop.tell();
    EXPECT_EQ(shop[0].sessions.read(), 2u);
    EXPECT_EQ(shop[1].sessions.read(), 0u);
    shop.settle(0);
    shop.tell();
    EXPECT_TRUE(shop[0].sessions.is_full());
    EXPECT_FALSE(shop[0].is_usable_for_new());
    EXPECT_TRUE(shop[0].is_only_full());
    EXPECT_TRUE(shop[1].is_usable_for_new());
}

TEST(session_counts, right_what_was_counted_beside_the_registry) {
    counted_pool shop;
    EXPECT_TRUE(shop[0].sessions.take());
    EXPECT_TRUE(shop[1].sessions.take());
    shop.settle(1);
    shop.tell();
    EXPECT_EQ(shop[0].sessions.read(), 0u) << "it never came to be";
    EXPECT_EQ(shop[1].sessions.read(), 1u);
}

/// One who waits, and writes down that it was called.
class guest final : public upstream::waiter {
  public:
    explicit guest(upstream::bell& rings) : waiter(rings) {}
    void called() override { was_called = true; }
    bool was_called = false;
};

class quiet_bell final : public upstream::bell {
  public:
    void ring() noexcept override {}
    using bell::tell_called;
};

TEST(session_counts, tell_who_waits_that_a_session_may_have_ended) {
    counted_pool shop;
    for (std::size_t place : {0U, 1U}) shop[place].sessions.set(3);
    const auto by = upstream::pool_settings{.queue = {.length = 1}};
    const auto servers = shop.pool->servers();
    shop.pool = std::make_shared<const upstream::pool>(
        "shop", by, std::vector(servers.begin(), servers.end()), shop.pool->share_crowd());
    auto& queue = shop.pool->crowd().queue;
    quiet_bell bell;
    guest waits(bell);
    waits.of = shop.pool.get();
    waits.seen = queue.changes();
    ASSERT_EQ(queue.enter(waits), upstream::queue::entry::waits);
    shop.tell();
    bell.tell_called();
    EXPECT_TRUE(waits.was_called);
    queue.leave(waits);
}

}  // namespace
}  // namespace hawser::app
