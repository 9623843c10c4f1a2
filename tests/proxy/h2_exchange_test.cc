// SPDX-License-Identifier: Apache-2.0
// Streams of HTTP/2 on their way through the proxy: what an exchange promises whatever its client
// speaks, and a failure at every point.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/courses.h"
#include "proxy/h2_visitor.h"

namespace hawser::proxy {
namespace {

using testing::AnyOf;
using testing::SizeIs;

using namespace std::chrono_literals;

task<> visit(lab& lab, sim::world& world, h2_visitor& who) {
    co_await who.talk(world.io(), io::endpoint::parse(lab::door).value());
}

SIM_TEST(h2_exchange, streams_go_to_servers_side_by_side) {
    lab lab(world, {"blue", "green"});
    answer_everywhere(lab, {"blue", "green"}, with_length(long_text));
    lab.server("blue").thinks_for = 10s;
    lab.open();
    h2_visitor who;
    for (const auto* target : {"/1", "/2", "/3", "/4"}) who.sends(target);
    co_await visit(lab, world, who);
    co_await lab.close();

    for (std::size_t each = 0; each < 4; ++each) EXPECT_EQ(who.received(each), long_text) << each;
    EXPECT_THAT(lab.server("blue").requests, SizeIs(2));
    EXPECT_THAT(lab.server("green").requests, SizeIs(2));
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, a_body_reaches_its_server_whole) {
    lab lab(world, {"blue"});
    lab.open();
    const std::string large(300'000, 'x');  // several windows
    h2_visitor who;
    who.posts("/order", large);
    co_await visit(lab, world, who);
    co_await lab.close();

    EXPECT_EQ(who.received(), "blue");
    EXPECT_THAT(lab.requests(), SizeIs(1));
    EXPECT_TRUE(lab.requests()[0].is_whole);
    EXPECT_TRUE(lab.requests()[0].body == large);
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, e85_an_answer_that_is_cut_resets_its_stream_alone) {
    lab lab(world, {"blue", "green"});
    lab.server("blue").answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort";
    lab.server("blue").closes = true;
    lab.open();
    h2_visitor who;
    who.sends("/1");
    who.sends("/2");
    co_await visit(lab, world, who);
    co_await lab.close();

    const std::vector<std::string> both{who.received(0), who.received(1)};
    EXPECT_THAT(both, testing::UnorderedElementsAre(AnyOf("cut", "reset"), "green"));
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, e110_a_client_that_takes_one_request_back_gets_the_others) {
    lab lab(world, {"blue"});
    lab.server("blue").answer = with_length(long_text);
    lab.open();
    h2_visitor who;
    who.sends("/1");
    who.sends("/2");
    who.gives_up(0);
    co_await visit(lab, world, who);
    co_await lab.close();

    EXPECT_EQ(who.received(1), long_text);
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, e118_a_drain_lets_streams_finish) {
    lab lab(world, {"blue"});
    lab.server("blue").thinks_for = 10s;
    lab.open();
    h2_visitor who;
    who.sends("/1");
    scope visits;
    visits.spawn(visit(lab, world, who));
    (void)co_await sleep_for(5s);
    lab.station().drain(1s);
    co_await visits.join();
    co_await lab.close();

    EXPECT_EQ(who.received(), "blue");
    EXPECT_TRUE(who.was_told_to_leave());
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, e162_newcomers_are_refused_stream_by_stream) {
    lab lab(world, {"blue"});
    lab.has_affinity = true;
    lab.open();
    visitor first;
    first.sends("/");
    co_await lab.visit(first);
    lab.admission.feel(pressure::tight);
    h2_visitor who;
    who.sends("/known", "Cookie: " + first.mark() + "\r\n");
    who.sends("/new");
    co_await visit(lab, world, who);
    co_await lab.close();

    EXPECT_EQ(who.received(0), "blue");
    EXPECT_EQ(who.received(1), "503");
    lab.expect_nothing_left();
}

SIM_TEST(h2_exchange, e184_grpc_is_told_of_errors_in_its_own_way) {
    lab lab(world, {"blue"});
    lab.refuse("blue");
    lab.open();
    h2_visitor who;
    who.sends("/greeter/greet", "Content-Type: application/grpc\r\n");
    co_await visit(lab, world, who);
    co_await lab.close();

    EXPECT_EQ(who.received(), "");
    EXPECT_THAT(who.answer_head(), testing::HasSubstr("\r\ngrpc-status: 14\r\n"));
    lab.expect_nothing_left();
}

// ---- failure at every point -----------------------------------------------------------------

/// A GET, and a POST whose body and answer take several frames.
task<> run(sim::world& world, const std::string& place, sim::fault fault, bool& has_struck) {
    lab lab(world, {"blue"});
    lab.has_affinity = true;
    lab.server("blue").answer = with_length(long_text);
    auto& here = world.weather_at(place);
    here.trouble = fault;
    lab.open();
    h2_visitor who;
    who.sends("/a");
    who.posts("/order", long_text);
    co_await visit(lab, world, who);
    co_await lab.close();

    has_struck = here.trouble->has_struck();
    lab.expect_nothing_left();
    for (std::size_t each = 0; each < 2; ++each) {
        const std::string told = who.received(each);
        if (has_struck)
            EXPECT_TRUE(told == long_text || told == "cut" || told == "reset" ||
                        is_error_status(told))
                << told.substr(0, 100);
        else
            EXPECT_EQ(told, long_text);
    }
    std::size_t orders = 0;
    for (const auto& each : lab.requests()) {
        const bool is_order = each.head.starts_with("POST");
        orders += is_order ? 1 : 0;
        if (is_order && each.is_whole) EXPECT_EQ(each.body, long_text);
    }
    EXPECT_LE(orders, 1u) << "what may have had an effect came once";
}

std::size_t fail_everywhere(const std::string& place, unsigned end) {
    std::size_t points = 0;
    using kind = sim::fault::kind;
    for (const auto what : {kind::reset, kind::end, kind::stall}) {
        for (const auto seed : sim::seeds()) {
            bool has_struck = true;
            for (std::size_t at = 0; has_struck; ++at, ++points) {
                SCOPED_TRACE(name_of(what) + " of operation " + std::to_string(at) + " at " +
                             place + ", HAWSER_SEED=" + std::to_string(seed));
                sim::world world(seed);
                world.run(run(world, place, {.what = what, .end = end, .at = at}, has_struck));
                if (testing::Test::HasFailure()) return points;
            }
        }
    }
    return points;
}

TEST(h2_failure_at_every_point, of_the_client_leaves_nothing_behind) {
    EXPECT_GT(fail_everywhere(lab::door, 1), 3 * 3 * sim::seeds().size());
}

TEST(h2_failure_at_every_point, of_a_server_is_an_honest_answer_and_leaves_nothing_behind) {
    EXPECT_GT(fail_everywhere("10.0.1.1:80", 0), 3 * 3 * sim::seeds().size());
}

}  // namespace
}  // namespace hawser::proxy
