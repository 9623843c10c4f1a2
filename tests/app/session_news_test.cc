// SPDX-License-Identifier: Apache-2.0
#include "app/session_news.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/hash.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using state::word;

const pool_id shop = pool_id_of("shop");
const std::vector<server_id> servers = {server_id_of("shop", "a"), server_id_of("shop", "b"),
                                        server_id_of("shop", "c")};

std::unique_ptr<registry::registry> make_registry(std::size_t capacity) {
    return registry::registry::create(
               {.capacity = capacity, .tentative_capacity = capacity, .extra_keys = 0, .lives = {}},
               read_clocks().steady)
        .value();
}

affinity::finding client(std::uint64_t number) {
    affinity::finding made{.key = {{stable_hash("client", number), number}},
                           .session = {},
                           .carried = {},
                           .lapsed = {}};
    made.why = affinity::cause::no_key;
    return made;
}

/// A request of a client, which is given that home if it has another one.
void serve(registry::registry& in, std::uint64_t number, server_id home) {
    const auto now = read_clocks();
    const auto seen = in.enter(shop, client(number), now);
    in.claim(seen.handle, seen.home, {.home = home, .why = affinity::cause::operator_}, now);
    in.leave(seen.handle, now.steady);
}

std::optional<registry::session_view> view(registry::registry& in, std::uint64_t number) {
    return in.find(shop, client(number).key, read_clocks().steady);
}

/// Two processes: `old` tells, and `next` hears until it is told that all was said.
struct two_processes {
    explicit two_processes(std::size_t capacity)
        : old(make_registry(capacity)), next(make_registry(capacity)) {}

    [[nodiscard]] static steady_time soon() { return read_clocks().steady + 60s; }

    void hear() {
        for (;;) {
            const auto told = ends.second.receive(soon());
            ASSERT_TRUE(told.has_value());
            if (told->what == word::copied) return;
            ASSERT_TRUE(take_sessions(*told, *next).has_value());
        }
    }

    std::unique_ptr<registry::registry> old;
    std::unique_ptr<registry::registry> next;
    std::pair<state::channel, state::channel> ends = *state::channel::make();
    session_news news{*old, ends.first};
};

TEST(session_news, a_million_sessions_are_the_same_there_whatever_happens_to_them_meanwhile) {
    constexpr std::uint64_t count = 1'000'000;
    two_processes both(count + 100'000);
    for (std::uint64_t i = 0; i < count; ++i) serve(*both.old, i, servers[i % 3]);

    std::jthread hears([&] { both.hear(); });
    std::uint64_t begun = count;
    {
        // Some move, and others are seen for the first time, until all of them were copied.
        std::jthread works([&](const std::stop_token& stop) {
            std::minstd_rand chance(7);
            while (!stop.stop_requested() && begun < count + 100'000) {
                serve(*both.old, chance() % count, servers[chance() % 3]);
                serve(*both.old, begun++, servers[chance() % 3]);
            }
        });
        ASSERT_TRUE(both.news.tell_all(two_processes::soon()).has_value());
    }
    ASSERT_TRUE(both.news.tell(two_processes::soon()).has_value());
    ASSERT_TRUE(both.ends.first.send(word::copied, two_processes::soon()).has_value());
    hears.join();

    EXPECT_GT(begun, count) << "nothing happened meanwhile";
    for (std::uint64_t i = 0; i < begun; ++i) {
        const auto here = view(*both.old, i);
        const auto there = view(*both.next, i);
        ASSERT_TRUE(here && there) << i;
        ASSERT_EQ(here->home, there->home) << i;
    }
    both.next->verify();
}

TEST(session_news, what_is_bound_is_told_until_the_other_process_is_gone) {
    two_processes both(1000);
    both.old->note_changes(registry::noted::bindings);
    std::atomic<bool> has_seen_the_end = false;
    {
        const std::jthread tells([&](const std::stop_token& stop) {
            has_seen_the_end = !both.news.tell_until(stop, [] { return result<>(); });
        });
        serve(*both.old, 1, servers[0]);
        const auto told = both.ends.second.receive(two_processes::soon());
        ASSERT_TRUE(told.has_value());
        ASSERT_TRUE(take_sessions(*told, *both.next).has_value());
        both.ends.second.interrupt();
        serve(*both.old, 2, servers[1]);
        const steady_time end = two_processes::soon();
        for (std::uint64_t i = 0; !has_seen_the_end && read_clocks().steady < end; ++i) {
            serve(*both.old, 3 + i % 900, servers[i / 900 % 2]);
            std::this_thread::yield();
        }
    }
    EXPECT_EQ(view(*both.next, 1)->home.home, servers[0]);
    EXPECT_TRUE(has_seen_the_end);
}

TEST(session_news, what_cannot_be_is_not_taken) {
    auto into = make_registry(10);
    const auto taken = take_sessions({.what = word::sessions, .text = {1, 2, 3}}, *into);
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, errc::malformed);
}

}  // namespace
}  // namespace hawser::app
