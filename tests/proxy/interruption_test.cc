// SPDX-License-Identifier: Apache-2.0
// What an operator does at any moment of an exchange: stop, stop gracefully, reload.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/courses.h"

namespace hawser::proxy {
namespace {

using testing::Contains;
using testing::Not;

/// What is done, and when.
struct interruption {
    void (*what)(lab&);
    steady_time::duration after;
    bool has_happened = false;
};

task<> interrupt(lab& lab, interruption& by) {
    if (!co_await sleep_for(by.after)) co_return;
    by.has_happened = true;
    by.what(lab);
}

/// One course; `check` looks at what became of it.
task<> run(sim::world& world, const course& of, interruption& by,
           void (*check)(const course&, const lab&)) {
    lab lab(world, of.servers);
    lab.has_affinity = true;
    of.prepare(lab);
    lab.open();
    stop_source over;
    const context meanwhile{.stop = &over};
    scope beside(meanwhile);
    beside.spawn(interrupt(lab, by));
    co_await lab.visit(lab.client);
    over.stop();
    co_await beside.join();
    co_await lab.close();

    lab.expect_nothing_left();
    expect_careful_delivery(of, lab);
    check(of, lab);
}

class interruption_at_any_moment : public testing::TestWithParam<course> {
  protected:
    /// From the first moment to one after the end.
    void interrupt_by(void (*what)(lab&), void (*check)(const course&, const lab&)) {
        for (const auto seed : sim::seeds()) {
            interruption by{.what = what, .after = {}};
            for (bool was_in_time = true; was_in_time; by.after += 150us) {
                SCOPED_TRACE("HAWSER_SEED=" + std::to_string(seed) + ", after " +
                             std::to_string(by.after.count()) + " ns");
                by.has_happened = false;
                sim::world world(seed);
                world.run(run(world, GetParam(), by, check));
                was_in_time = by.has_happened;
                if (HasFailure()) return;
            }
            EXPECT_GT(by.after, 1ms) << "there were moments";
        }
    }
};

TEST_P(interruption_at_any_moment, a_stop_is_an_honest_answer_and_leaves_nothing_behind) {
    interrupt_by([](lab& lab) { lab.station().stop(); },
                 [](const course& of, const lab& lab) { expect_honest_answers(of, lab, false); });
}

TEST_P(interruption_at_any_moment, e175_a_graceful_stop_cuts_no_answer) {
    interrupt_by([](lab& lab) { lab.station().drain(1s); },
                 [](const course& of, const lab& lab) {
                     expect_honest_answers(of, lab, false);
                     EXPECT_THAT(lab.client.received(), Not(Contains("cut")));
                 });
}

TEST_P(interruption_at_any_moment, e171_a_reload_is_not_noticed) {
    interrupt_by([](lab& lab) { lab.publish({lab.last_server()}); },
                 [](const course& of, const lab& lab) {
                     EXPECT_EQ(lab.client.received(), of.expected);
                     EXPECT_EQ(lab.client.told, of.told);
                 });
}

INSTANTIATE_TEST_SUITE_P(courses, interruption_at_any_moment, testing::ValuesIn(courses),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace hawser::proxy
