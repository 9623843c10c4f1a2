// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "async/task.h"
#include "support/sim/world.h"

namespace hawser::sim {

/// Some histories for each promise; HAWSER_SEED replays a single one.
inline std::vector<std::uint64_t> seeds() {
    if (const char* wanted = std::getenv("HAWSER_SEED"))
        return {std::strtoull(wanted, nullptr, 10)};
    return {1, 2, 3, 4, 5, 6, 7, 8};
}

inline void run_with_seeds(task<> (*body)(world&)) {
    for (const auto seed : seeds()) {
        SCOPED_TRACE("HAWSER_SEED=" + std::to_string(seed));
        world simulated(seed);
        simulated.run(body(simulated));
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace hawser::sim

/// A test whose body is a coroutine in a simulated `world`.
#define SIM_TEST(suite, promise)                                                        \
    ::hawser::task<> sim_of_##suite##_##promise(::hawser::sim::world& world);           \
    TEST(suite, promise) { ::hawser::sim::run_with_seeds(sim_of_##suite##_##promise); } \
    ::hawser::task<> sim_of_##suite##_##promise([[maybe_unused]] ::hawser::sim::world& world)
