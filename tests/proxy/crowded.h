// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "proxy/shop.h"

namespace hawser::proxy {

using counts = std::map<std::string, std::uint64_t>;

/// Three servers with one place each, which the test takes and gives back.
class crowded : public shop {
  public:
    explicit crowded(sim::world& world) : shop(world), world_(world) {
        pool.queue = {.length = 10, .timeout = std::chrono::seconds(10)};
        pool.retry_after = std::chrono::seconds(7);
        for (const auto* name : {"blue", "green", "red"}) known(name).places.set_maximum(1);
        publish();
    }

    void fill(const std::string& name) {
        EXPECT_TRUE(known(name).places.take(taken_[name])) << name;
    }
    void fill_all() {
        for (const auto* name : {"blue", "green", "red"}) fill(name);
    }
    /// What the test has taken is given back before.
    task<> close() {
        free_all();
        return lab::close();
    }

    void free(const std::string& name) { taken_.erase(name); }
    void free_all() { taken_.clear(); }

    /// A session that has come back, and its home.
    task<> settle() {
        co_await ask();
        co_await ask(mark);
        EXPECT_EQ(told, "hit");
        home = server;
    }

    /// A visit begins, and is still under way after a second.
    task<> begin(scope& visits, visitor& who, const std::string& with = {}) {
        who.cookie = with;
        who.sends("/");
        visits.spawn(visit(who));
        co_await pass(std::chrono::seconds(1));
        EXPECT_THAT(who.received(), testing::IsEmpty());
    }

    task<> pass(steady_time::duration time) { EXPECT_TRUE((co_await sleep_for(time)).has_value()); }

    [[nodiscard]] std::uint32_t waiting() { return crowd().queue.waiting(); }
    /// How waits have ended.
    [[nodiscard]] counts waits() {
        counts found;
        station().current()->pools[0]->counters->queue_waits.for_each(
            [&](auto outcome, auto, auto count) { found[std::string(outcome)] += count; });
        return found;
    }
    [[nodiscard]] steady_time now() { return world_.io().clock().steady; }
    [[nodiscard]] sim::world& world() { return world_; }

    std::string home;

  private:
    sim::world& world_;
    std::map<std::string, upstream::place> taken_;
};

}  // namespace hawser::proxy
