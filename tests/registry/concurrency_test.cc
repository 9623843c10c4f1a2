// SPDX-License-Identifier: Apache-2.0
// Several workers at once. Under ThreadSanitizer these also show that every access is guarded.

#include <atomic>
#include <barrier>
#include <random>
#include <thread>

#include "lab.h"

namespace hawser::registry {
namespace {

constexpr unsigned workers = 4;

template <typename Work>
void in_parallel(Work&& work) {
    std::vector<std::jthread> threads;
    for (unsigned worker = 0; worker < workers; ++worker)
        threads.emplace_back([&work, worker] { work(worker); });
}

TEST(registry_concurrency, e160_parallel_first_requests_of_each_key_get_one_home) {
    lab lab;
    constexpr int rounds = 400;
    std::array<std::vector<affinity::binding>, workers> given;
    std::barrier start(workers);
    in_parallel([&](unsigned worker) {
        for (int round = 0; round < rounds; ++round) {
            start.arrive_and_wait();
            const seen who = lab.enter("client " + std::to_string(round));
            const std::array homes{blue, green, red, server_id_of("shop", "grey")};
            given[worker].push_back(who.home.home == no_server_id ? lab.claim(who, homes[worker])
                                                                  : who.home);
            lab.leave(who);
        }
    });
    for (unsigned worker = 1; worker < workers; ++worker) EXPECT_EQ(given[worker], given[0]);
    lab.table->verify();
}

TEST(registry_concurrency, e177_parallel_moves_of_one_session_end_on_one_home_and_count_once) {
    lab lab;
    constexpr int rounds = 300;
    for (int round = 0; round < rounds; ++round) lab.settle("client " + std::to_string(round));
    std::array<std::vector<affinity::binding>, workers> given;
    std::barrier start(workers);
    in_parallel([&](unsigned worker) {
        for (int round = 0; round < rounds; ++round) {
            start.arrive_and_wait();
            const seen who = lab.enter("client " + std::to_string(round));
            const server_id to = worker % 2 == 0 ? green : red;
            given[worker].push_back(
                who.home.home == blue ? lab.claim(who, to, affinity::cause::home_down) : who.home);
            lab.leave(who);
        }
    });
    for (unsigned worker = 1; worker < workers; ++worker) EXPECT_EQ(given[worker], given[0]);
    EXPECT_EQ(lab.counts().since_start.moves[static_cast<std::size_t>(affinity::cause::home_down)],
              std::uint64_t{rounds});
    EXPECT_EQ(lab.at(blue).established, 0u);
    lab.table->verify();
}

TEST(registry_concurrency, counts_are_right_after_everything_at_once) {
    lab lab({.capacity = 30'000,
             .tentative_capacity = 3'000,
             .extra_keys = 3'000,
             .lives = {.idle = 30s, .absolute = 300s}});
    ASSERT_GT(lab.table->shards(), 8u);
    const instant begin = lab.now;
    std::atomic<unsigned> working = workers;
    std::jthread control([&] {
        std::array<session_view, 32> some;
        for (cursor at; working > 0;) {
            const auto now = begin.steady + 5s;
            lab.table->walk(at, {}, some, now);
            if (at.done) at = {};
            lab.table->sweep(now, 100);
            (void)lab.table->counts();
            lab.table->configure(shop, {.idle = 30s, .absolute = 300s});
        }
    });
    in_parallel([&](unsigned worker) {
        std::mt19937_64 random(worker);
        std::vector<seen> held;
        for (unsigned n = 0; n < 20'000; ++n) {
            const instant now{begin.steady + std::chrono::milliseconds(n * 3), begin.wall};
            const auto name = "client " + std::to_string(random() % 20'000);
            const auto other = key_of("client " + std::to_string(random() % 20'000));
            switch (random() % 8) {
                case 0: lab.table->end(shop, other, now.steady); break;
                case 1: lab.table->add_key(shop, key_of(name), other, now.steady); break;
                case 2: lab.table->remove_key(shop, other); break;
                case 3: (void)lab.table->find(shop, other, now.steady); break;
                default: {
                    const seen who = lab.table->enter(shop, named(name), now);
                    lab.table->claim(who.handle, who.home, {.home = random() % 2 ? blue : green},
                                     now);
                    held.push_back(who);
                }
            }
            if (held.size() > 20 || (n == 19'999 && !held.empty())) {
                for (const seen& who : held) lab.table->leave(who.handle, now.steady);
                held.clear();
            }
        }
        for (const seen& who : held) lab.table->leave(who.handle, begin.steady + 60s);
        --working;
    });
    control.join();
    lab.table->verify();
    lab.wait(400s);
    lab.sweep();
    lab.table->verify();
    EXPECT_EQ(lab.counts().established() + lab.counts().tentative(), 0u);
}

}  // namespace
}  // namespace hawser::registry
