// SPDX-License-Identifier: Apache-2.0
// Failure at every point: in an exchange that would go well, one operation on one connection of
// the proxy fails, for every operation there is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/courses.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;
using testing::Not;

using namespace std::chrono_literals;

/// Which operation fails.
struct point {
    std::string place;
    sim::fault fault;

    [[nodiscard]] std::string text() const {
        return name_of(fault.what) + " of operation " + std::to_string(fault.at) + " at " + place;
    }
};

task<> run(sim::world& world, const course& of, const point& trouble, bool& has_struck) {
    lab lab(world, of.servers);
    lab.has_affinity = true;
    of.prepare(lab);
    auto& here = world.weather_at(trouble.place);
    here.trouble = trouble.fault;

    co_await lab.serve();

    has_struck = here.trouble->has_struck();
    lab.expect_nothing_left();
    expect_careful_delivery(of, lab);
    const bool has_server_ended =
        trouble.place != lab::door && trouble.fault.what == sim::fault::kind::end;
    expect_honest_answers(of, lab, of.has_no_end && has_server_ended);
    if (!has_struck) {
        EXPECT_EQ(lab.client.received(), of.expected);
        EXPECT_EQ(lab.client.told, of.told);
    }
    // Whoever can still hear hears something.
    if (trouble.place != lab::door) EXPECT_THAT(lab.client.received(), Not(IsEmpty()));
}

/// How many operations there were to fail.
std::size_t fail_everywhere(std::uint64_t seed, const course& of, point trouble) {
    constexpr std::size_t points_max = 1000;
    for (; trouble.fault.at < points_max; ++trouble.fault.at) {
        SCOPED_TRACE(trouble.text());
        bool has_struck = false;
        sim::world world(seed);
        world.run(run(world, of, trouble, has_struck));
        if (!has_struck || testing::Test::HasFailure()) break;
    }
    EXPECT_LT(trouble.fault.at, points_max) << "there is no end of operations";
    return trouble.fault.at;
}

class failure_at_every_point : public testing::TestWithParam<course> {
  protected:
    /// Ends of the proxy at `place` fail; returns how many points there were.
    std::size_t fail_at(const std::string& place, unsigned end) {
        std::size_t points = 0;
        using kind = sim::fault::kind;
        for (const auto what : {kind::reset, kind::end, kind::stall}) {
            for (const auto seed : sim::seeds()) {
                SCOPED_TRACE("HAWSER_SEED=" + std::to_string(seed));
                points += fail_everywhere(seed, GetParam(),
                                          {.place = place, .fault = {.what = what, .end = end}});
                if (HasFailure()) return points;
            }
        }
        return points;
    }
};

TEST_P(failure_at_every_point, of_the_client_leaves_nothing_behind) {
    EXPECT_GT(fail_at(lab::door, 1), 3 * sim::seeds().size());
}

TEST_P(failure_at_every_point, of_a_server_is_an_honest_answer_and_leaves_nothing_behind) {
    std::size_t points = 0;
    for (std::size_t server = 1; server <= GetParam().servers.size(); ++server)
        points += fail_at("10.0.1." + std::to_string(server) + ":80", 0);
    EXPECT_GT(points, 3 * 3 * sim::seeds().size());
}

INSTANTIATE_TEST_SUITE_P(courses, failure_at_every_point, testing::ValuesIn(courses),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace hawser::proxy
