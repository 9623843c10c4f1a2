// SPDX-License-Identifier: Apache-2.0
// Failure at every point: in a conversation over TLS that would go well, one operation of one end
// fails, for every operation there is.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "async/with.h"
#include "support/sim/sim_test.h"
#include "tls/ground.h"

namespace hawser::tls {
namespace {

using namespace std::chrono_literals;

constexpr auto* door = "10.0.0.1:443";
constexpr auto patience = 2s;

struct heard {
    std::string by_server;
    std::string by_client;
    errc server_ended = errc::cancelled;  // nobody listened
    errc client_ended = errc::cancelled;
};

task<> listen(stream& from, std::string& into, errc& ended) {
    for (;;) {
        const auto some = co_await with_deadline(patience, from.read());
        if (!some) {
            ended = some.error().code;
            co_return;
        }
        into.append(some->data(), some->size());
    }
}

task<> speak(stream& to, std::string what) {
    if (co_await with_idle_limit(patience, to.write(io::pieces(what)))) to.shut_down_writing();
}

task<> serve(std::unique_ptr<io::stream> below, const terms& by, work_room& room, heard& all,
             const std::string& text) {
    const auto server = by.server->accept(std::move(below), room);
    if (!co_await with_deadline(patience, server->connected())) co_return;
    co_await listen(*server, all.by_server, all.server_ended);
    co_await speak(*server, text);
}

task<> accept_one(io::listener& at, stop_source& closing, const terms& by, work_room& room,
                  heard& all, const std::string& text) {
    auto come = co_await with_stop(closing, at.accept());
    if (come) co_await serve(std::move(*come), by, room, all, text);
}

/// The client says its text and ends; the server answers and ends.
task<> converse(sim::world& world, const terms& by, sim::fault what, bool& has_struck) {
    const std::string text(50'000, 'x');
    const auto at = world.listen(door);
    auto& here = world.weather_at(door);
    here.trouble = what;
    work_room room;
    heard all;
    stop_source closing;
    scope beside;
    beside.spawn(accept_one(*at, closing, by, room, all, text));
    auto below = world.io().connect(at->local()).value();
    if (co_await with_deadline(patience, below->connected())) {
        const auto client = by.client->connect(std::move(below), room, "shop.example");
        if (co_await with_deadline(patience, client->connected())) {
            co_await speak(*client, text);
            co_await listen(*client, all.by_client, all.client_ended);
        }
    }
    closing.stop();
    co_await beside.join();

    has_struck = here.trouble->has_struck();
    // Whoever hears an end in order has heard all of it.
    if (all.server_ended == errc::end_of_stream) EXPECT_EQ(all.by_server.size(), text.size());
    if (all.client_ended == errc::end_of_stream) EXPECT_EQ(all.by_client.size(), text.size());
    EXPECT_TRUE(text.starts_with(all.by_server) && text.starts_with(all.by_client));
    if (has_struck) co_return;
    EXPECT_EQ(all.server_ended, errc::end_of_stream);
    EXPECT_EQ(all.client_ended, errc::end_of_stream);
}

void fail_everywhere(sim::fault::kind what, unsigned end) {
    authority issuer;
    const auto by = terms::of({.certificates = {issuer.issue({"shop.example"})}},
                              {.authorities = issuer.path()});
    constexpr std::size_t points_max = 1000;
    std::size_t point = 0;
    for (bool has_struck = true; has_struck && point < points_max; ++point) {
        SCOPED_TRACE(name_of(what) + " of operation " + std::to_string(point));
        sim::world world(1);
        world.run(converse(world, by, {.what = what, .end = end, .at = point}, has_struck));
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_LT(point, points_max) << "there is no end of operations";
    EXPECT_GT(point, 5u) << "there was nothing to fail";
}

TEST(tls_failure_at_every_point, e126_a_reset_is_never_an_end_in_order) {
    for (const unsigned end : {0u, 1u}) fail_everywhere(sim::fault::kind::reset, end);
}

TEST(tls_failure_at_every_point, e126_an_end_below_is_never_an_end_in_order) {
    for (const unsigned end : {0u, 1u}) fail_everywhere(sim::fault::kind::end, end);
}

TEST(tls_failure_at_every_point, a_stall_ends_at_its_deadline) {
    for (const unsigned end : {0u, 1u}) fail_everywhere(sim::fault::kind::stall, end);
}

}  // namespace
}  // namespace hawser::tls
