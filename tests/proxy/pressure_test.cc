// SPDX-License-Identifier: Apache-2.0
// Who is served when there is no room for new work (E162, E169).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using namespace std::chrono_literals;

SIM_TEST(pressure, e162_established_sessions_are_served_while_newcomers_are_refused) {
    lab lab(world, {"blue"});
    lab.has_affinity = true;
    lab.open();
    visitor first;
    first.sends("/");
    co_await lab.visit(first);

    lab.admission.feel(pressure::tight);
    visitor known;
    known.cookie = first.mark();
    known.sends("/1", "/2");
    co_await lab.visit(known);
    visitor newcomer;
    newcomer.sends("/");
    co_await lab.visit(newcomer);
    visitor forger;
    forger.cookie = first.mark() + "x";
    forger.sends("/");
    co_await lab.visit(forger);

    lab.admission.feel(pressure::none);
    visitor later;
    later.sends("/");
    co_await lab.visit(later);
    co_await lab.close();

    EXPECT_EQ(known.received(), (answers{"blue", "blue"}));
    EXPECT_EQ(newcomer.received(), (answers{"503"}));
    EXPECT_EQ(newcomer.field("Retry-After"), "1");
    EXPECT_EQ(newcomer.field("Connection"), "close") << "which makes room";
    EXPECT_EQ(newcomer.field("Set-Cookie"), "");
    EXPECT_EQ(forger.received(), (answers{"503"}));
    EXPECT_EQ(later.received(), (answers{"blue"}));
    EXPECT_EQ(lab.endings()["overload"], 2u);
    EXPECT_THAT(lab.requests(), SizeIs(4));
    lab.expect_nothing_left();
}

SIM_TEST(pressure, e162_without_sessions_connections_that_were_served_go_on) {
    lab lab(world, {"blue"});
    lab.open();
    visitor kept;
    kept.sends("/1");
    kept.sends_slowly({"GET /2 HTTP/1.1\r\n", "Host: a\r\n\r\n"}, 5s);
    visitor newcomer;
    newcomer.sends_slowly({"GET /3 HTTP/1.1\r\n", "Host: a\r\n\r\n"}, 3s);
    scope visits;
    visits.spawn(lab.visit(kept));
    visits.spawn(lab.visit(newcomer));
    (void)co_await sleep_for(1s);
    lab.admission.feel(pressure::tight);
    co_await visits.join();
    co_await lab.close();

    EXPECT_EQ(kept.received(), (answers{"blue", "blue"}));
    EXPECT_EQ(newcomer.received(), (answers{"503"}));
}

SIM_TEST(pressure, a_fixed_answer_costs_nobody_room) {
    lab lab(world, {"blue"});
    auto fixed = std::make_shared<fixed_answer>();
    fixed->body = "hello";
    lab.route.answer = fixed;
    lab.route.pool = no_pool;
    lab.admission.feel(pressure::tight);
    lab.client.sends("/");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"hello"}));
}

SIM_TEST(pressure, e169_relief_closes_what_is_idle_and_nothing_else) {
    lab lab(world, {"blue"});
    lab.server("blue").thinks_for = 10s;
    lab.open();
    visitor idle;
    idle.sends("/1");
    idle.sends_slowly({"", "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"}, 30s);
    visitor busy;
    busy.sends_slowly({"GET /3 ", "HTTP/1.1\r\nHost: a\r\n\r\n"}, 8s);
    scope visits;
    visits.spawn(lab.visit(idle));
    visits.spawn(lab.visit(busy));
    (void)co_await sleep_for(15s);
    lab.station().relieve();
    co_await visits.join();
    co_await lab.close();

    EXPECT_EQ(idle.received(), (answers{"blue"})) << "idle after its first answer";
    EXPECT_EQ(busy.received(), (answers{"blue"})) << "its answer was on its way";
    lab.expect_nothing_left();
}

}  // namespace
}  // namespace hawser::proxy
