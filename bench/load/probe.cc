// SPDX-License-Identifier: Apache-2.0

// How far apart are two cores? Bounces one cache line between them and prints the nanoseconds
// that it takes one way as JSON. Virtual cores of a shared host move: the same pair is near (a
// shared cache) or far (none), and a request costs three times as much while it is far.

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "options.h"

namespace {

constexpr int rounds = 400;
constexpr int chunks = 200;

alignas(128) std::atomic<int> ball{0};

void pin_to(int cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    if (pthread_setaffinity_np(pthread_self(), sizeof only, &only) != 0) {
        std::fprintf(stderr, "cannot run on cpu %d\n", cpu);
        std::exit(2);
    }
}

/// Waits for `mine`, returns it as `theirs`.
void play(int mine, int theirs) {
    for (int i = 0; i < rounds; ++i) {
        while (ball.load(std::memory_order_acquire) != mine) {
        }
        ball.store(theirs, std::memory_order_release);
    }
}

}  // namespace

int main(int count, char** words) {
    hawser::bench::options given(count, words);
    const int here = static_cast<int>(given.number("here", 0));
    const int there = static_cast<int>(given.number("there", 1));
    given.refuse_the_rest();

    std::thread other([there] {
        pin_to(there);
        for (int chunk = 0; chunk < chunks; ++chunk) play(1, 0);
    });
    pin_to(here);
    // The least of many short chunks: a neighbour that takes a core away spoils only some.
    double least = 1e9;
    for (int chunk = 0; chunk < chunks; ++chunk) {
        const auto begin = std::chrono::steady_clock::now();
        play(0, 1);
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - begin;
        least = std::min(least, took.count() / (2 * rounds));
    }
    other.join();
    std::printf("{\"bounce_ns\": %.0f}\n", least);
}
