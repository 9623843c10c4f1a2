// SPDX-License-Identifier: Apache-2.0
#include "registry/ledger.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/limits.h"

namespace hawser::registry {
namespace {

const pool_id shop = pool_id_of("shop");

server_id server(int n) { return server_id_of("shop", std::to_string(n)); }

TEST(ledger, a_place_is_found_again) {
    ledger book({});
    const auto at = book.place_of(shop, server(1));
    EXPECT_NE(at, ledger::no_place);
    EXPECT_EQ(book.place_of(shop, server(1)), at);
    EXPECT_NE(book.place_of(shop, server(2)), at);
    EXPECT_NE(book.place_of(pool_id_of("cart"), no_server_id), book.place_of(shop, no_server_id));
}

TEST(ledger, servers_that_come_and_go_for_years_take_no_more_room_than_those_there_are) {
    ledger book({});
    std::vector<ledger::place_number> held;
    std::size_t after_a_while = 0;
    for (int n = 0; n < 100'000; ++n) {
        held.push_back(book.place_of(shop, server(n)));
        book.hold(held.back());
        book.add(held.back(), false);
        if (n >= 10) {
            const auto old = held[static_cast<std::size_t>(n - 10)];
            book.subtract(old, false);
            book.release(old);
        }
        if (n == 1000) after_a_while = book.bytes();
    }
    EXPECT_EQ(book.bytes(), after_a_while);
    report sum;
    pool_places places;
    book.add_to(sum, places);
    EXPECT_EQ(sum.established, 10u);
}

TEST(ledger, counts_stay_with_places_when_the_table_grows) {
    ledger book({});
    std::vector<ledger::place_number> held;
    for (int n = 0; n < 500; ++n) {
        held.push_back(book.place_of(shop, server(n)));
        book.hold(held.back());
        book.add(held.back(), n % 2 == 0);
    }
    for (int n = 0; n < 500; ++n) {
        const auto at = book.place_of(shop, server(n));
        ASSERT_EQ(at, held[static_cast<std::size_t>(n)]);
        EXPECT_EQ(book[at].tentative, n % 2 == 0 ? 1u : 0u);
    }
}

TEST(ledger, shards_add_up) {
    ledger one({});
    ledger two({});
    for (ledger* book : {&one, &two}) {
        const auto at = book->place_of(shop, server(1));
        book->hold(at);
        book->add(at, false);
        ++book->events(at).begun;
    }
    report sum;
    pool_places places;
    one.add_to(sum, places);
    two.add_to(sum, places);
    ASSERT_EQ(sum.pools.size(), 1u);
    sum.pools[0].merge_servers();
    EXPECT_EQ(sum.pools[0].find(server(1))->established, 2u);
    EXPECT_EQ(sum.pools[0].since_start.begun, 2u);
    EXPECT_EQ(sum.pools[0].established(), 2u);
}

TEST(ledger, tells_of_one_pool_what_it_tells_of_all) {
    ledger book({});
    for (int n = 1; n <= 3; ++n) {
        const auto at = book.place_of(shop, server(n));
        book.hold(at);
        book.add(at, n == 2);
        ++book.events(at).begun;
    }
    const auto elsewhere = book.place_of(pool_id{99}, server(9));
    book.hold(elsewhere);
    book.add(elsewhere, false);

    pool_sessions sum{.pool = shop, .since_start = {}, .servers = {}};
    book.add_to(sum, std::vector{server(1), server(2), server(7)});
    EXPECT_EQ(sum.since_start.begun, 3u);
    ASSERT_EQ(sum.servers.size(), 2u);
    EXPECT_EQ(sum.find(server(1))->established, 1u);
    EXPECT_EQ(sum.find(server(2))->tentative, 1u);

    pool_sessions nobody{.pool = pool_id{98}, .since_start = {}, .servers = {}};
    book.add_to(nobody, std::vector{server(1)});
    EXPECT_TRUE(nobody.servers.empty());
    EXPECT_EQ(nobody.since_start.begun, 0u);
}

TEST(ledger, gives_its_limits_to_the_places_of_a_pool_and_to_no_others) {
    ledger book({.idle = 7, .absolute = 0});
    const auto before = book.place_of(shop, server(1));
    book.hold(before);
    const auto elsewhere = book.place_of(pool_id{99}, server(9));
    book.hold(elsewhere);

    book.configure(shop, {.idle = 8, .absolute = 0});
    book.configure(pool_id{100}, {.idle = 9, .absolute = 0});

    EXPECT_EQ(book.limits_of(before).idle, 8u);
    EXPECT_EQ(book.limits_of(elsewhere).idle, 7u);
    EXPECT_EQ(book.limits_of(book.place_of(pool_id{100}, server(3))).idle, 9u);
}

TEST(ledger, says_whether_limits_have_changed) {
    ledger book({.idle = 7, .absolute = 0});
    EXPECT_FALSE(book.configure(shop, {.idle = 7, .absolute = 0}));
    EXPECT_TRUE(book.configure(shop, {.idle = 8, .absolute = 0}));
    EXPECT_FALSE(book.configure(shop, {.idle = 8, .absolute = 0}));
}

TEST(ledger, refuses_pools_beyond_its_bound) {
    ledger book({.idle = 7, .absolute = 0});
    for (unsigned n = 1; n <= limits::registry_pools_max; ++n)
        ASSERT_NE(book.place_of(pool_id{n}, no_server_id), ledger::no_place);
    const pool_id more{limits::registry_pools_max + 1};
    EXPECT_EQ(book.place_of(more, no_server_id), ledger::no_place);
    EXPECT_EQ(book.place_of(more, server(1)), ledger::no_place);
    EXPECT_FALSE(book.configure(more, {}));
    EXPECT_EQ(book.limits_of(book.place_of(pool_id{300}, server(1))).idle, 7);
}

TEST(ledger, limits_that_change_reach_every_home_of_the_pool) {
    ledger book({.idle = 7, .absolute = 0});
    const auto mine = book.place_of(shop, server(1));
    book.hold(mine);
    const auto other = book.place_of(pool_id_of("cart"), server(2));
    book.hold(other);
    book.configure(shop, {.idle = 9, .absolute = 5});
    EXPECT_EQ(book.limits_of(mine).idle, 9);
    EXPECT_EQ(book.limits_of(book.place_of(shop, server(3))).absolute, 5);
    EXPECT_EQ(book.limits_of(other).idle, 7);
}

}  // namespace
}  // namespace hawser::registry
