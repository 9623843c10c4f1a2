// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/lab.h"

/// Locks of libraries: tied to their connections, in turn (T6).
namespace hawser::sessions::resp {
namespace {

DOOR_TEST(locks, t6_are_freed_when_the_connection_of_their_holder_goes) {
    at.begin();
    std::optional<peer> holder(at.connect());
    auto other = at.connect();
    co_await holder->asks("set a.lock mine nx px 100000", "+OK\r\n");
    co_await holder->asks("set b.lock mine nx px 100000", "+OK\r\n");
    co_await holder->asks("set plain mine nx px 100000", "+OK\r\n");
    co_await other.asks("set a.lock theirs nx px 100000", "$-1\r\n");
    EXPECT_EQ(at.shop->locks.held(at.door().now().steady), 2u);
    holder.reset();
    while (at.shop->locks_freed < 2) (void)co_await sleep_for(1ms);
    co_await other.asks("set a.lock theirs nx px 100000", "+OK\r\n");
    co_await other.asks("exists b.lock", ":0\r\n");
    co_await other.asks("exists plain", ":1\r\n");
    EXPECT_EQ(at.shop->locks.held(at.door().now().steady), 1u);
}

DOOR_TEST(locks, t6_by_quit_and_by_reset_too) {
    at.begin();
    auto one = at.connect();
    auto other = at.connect();
    co_await one.asks("set a.lock 1 nx", "+OK\r\n");
    co_await one.asks("reset", "+RESET\r\n");
    co_await other.asks("set a.lock 2 nx", "+OK\r\n");
    co_await other.asks("quit", "+OK\r\n");
    co_await other.sees_the_end();
    co_await one.asks("exists a.lock", ":0\r\n");
}

DOOR_TEST(locks, t6_a_lock_that_is_somebody_elses_by_now_stays) {
    at.begin();
    std::optional<peer> late(at.connect());
    auto other = at.connect();
    co_await late->asks("set a.lock 1 nx px 100", "+OK\r\n");
    (void)co_await sleep_for(100ms);
    co_await other.asks("set a.lock 2 nx", "+OK\r\n");
    late.reset();
    while (at.all.connections > 1) (void)co_await sleep_for(1ms);
    co_await other.asks("get a.lock", bulk("2"));
    EXPECT_EQ(at.shop->locks_freed, 0u);
}

DOOR_TEST(locks, t6_whoever_waits_longest_is_next) {
    at.begin();
    auto holder = at.connect();
    auto first = at.connect();
    auto second = at.connect();
    co_await holder.asks("set a.lock h nx", "+OK\r\n");
    for (int i = 0; i < 3; ++i) {
        co_await first.asks("set a.lock f nx", "$-1\r\n");
        co_await second.asks("set a.lock s nx", "$-1\r\n");
        (void)co_await sleep_for(20ms);
    }
    co_await holder.asks("del a.lock", ":1\r\n");
    co_await second.asks("set a.lock s nx", "$-1\r\n");
    co_await holder.asks("set a.lock h nx", "$-1\r\n");
    co_await first.asks("set a.lock f nx", "+OK\r\n");
}

DOOR_TEST(locks, r4_4_a_lock_that_nobody_waits_for_is_had_at_once) {
    at.begin();
    auto one = at.connect();
    auto other = at.connect();
    for (int i = 0; i < 10; ++i) {
        co_await one.asks("set a.lock 1 nx", "+OK\r\n");
        co_await other.asks("set a.lock 2 nx", "$-1\r\n");
        co_await one.asks("del a.lock", ":1\r\n");
        co_await one.asks("setnx a.lock 1", ":1\r\n");
        co_await one.asks(
            "eval \"if redis.call('get',KEYS[1]) == ARGV[1] then return "
            "redis.call('del',KEYS[1]) else return 0 end\" 1 a.lock 1",
            ":1\r\n");
        (void)co_await sleep_for(3s);
    }
    EXPECT_EQ(at.shop->locks.held(at.door().now().steady), 0u);
}

}  // namespace
}  // namespace hawser::sessions::resp
