// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "async/sleep.h"
#include "async/with.h"
#include "io/ground.h"

#define STREAM_PROMISES(promise) STREAM_PROMISES_ON(::hawser::io::ground, stream, promise)
#include "io/stream_promises.h"

namespace hawser::io {
namespace {

/// In virtual time only: a kernel tells of progress in steps of its own.
SIM_TEST(stream_in_simulation, the_idle_limit_of_a_write_is_renewed_by_progress) {
    const auto door = world.listen("10.0.0.1:80");
    world.weather_at("10.0.0.1:80").buffer = 10'000;
    const auto client = world.io().connect(door->local()).value();
    EXPECT_TRUE((co_await client->connected()).has_value());
    const auto server = (co_await door->accept()).value();
    scope reading;
    reading.spawn([](stream& from) -> task<> {
        while (co_await from.read(5'000)) co_await sleep_for(30ms);
    }(*server));

    const auto text = long_text(100'000);
    const auto begun = world.io().clock().steady;
    EXPECT_TRUE((co_await with_idle_limit(50ms, client->write(pieces(text)))).has_value());
    EXPECT_GT(world.io().clock().steady - begun, 500ms);

    client->shut_down_writing();
    co_await reading.join();
}

STREAM_PROMISES(e57_a_crowd_that_connects_lets_others_have_their_turn) {
    constexpr unsigned crowd = 2 * limits::accepts_per_turn_max;
    std::vector<std::unique_ptr<stream>> clients;
    for (unsigned i = 0; i < crowd; ++i) clients.push_back(here.begin_connecting());
    for (const auto& client : clients) EXPECT_TRUE((co_await client->connected()).has_value());
    co_await sleep_for(5ms);  // all of them are at the door

    std::vector<std::unique_ptr<stream>> taken;
    unsigned accepts_of_turn = 0;
    auto turn = here.on().turns().turn();
    while (taken.size() < crowd) {
        taken.push_back((co_await here.door().accept()).value());
        const auto now = here.on().turns().turn();
        accepts_of_turn = now == turn ? accepts_of_turn + 1 : 1;
        turn = now;
        EXPECT_LE(accepts_of_turn, limits::accepts_per_turn_max + 1);
    }
}

TEST(stream_on_epoll, e168_what_came_while_the_process_was_stopped_goes_before_its_deadline) {
    keep_on_epoll([](ground& here) -> task<> {
        auto [client, server] = co_await here.connect();
        std::string heard;
        scope beside;
        beside.spawn([](stream& from, std::string& into) -> task<> {
            into = text_of(co_await with_deadline(50ms, from.read()));
        }(*server, heard));
        co_await sleep_for(1ms);  // it waits
        EXPECT_TRUE((co_await client->write(pieces("in time"))).has_value());
        std::this_thread::sleep_for(100ms);  // excused: SIGSTOP does the same
        co_await beside.join();
        EXPECT_EQ(heard, "in time");
    });
}

STREAM_PROMISES(tells_of_the_way_to_its_peer) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("ping"))).has_value());
    EXPECT_TRUE((co_await server->read()).has_value());
    EXPECT_TRUE(client->path().has_value());
    EXPECT_TRUE(server->path().has_value());
}

TEST(stream_on_epoll, knows_round_trips_and_segments_as_the_kernel_does) {
    keep_on_epoll([](ground& here) -> task<> {
        auto [client, server] = co_await here.connect();
        EXPECT_TRUE((co_await client->write(pieces("ping"))).has_value());
        EXPECT_EQ(text_of(co_await server->read()), "ping");
        const auto path = client->path().value();
        EXPECT_GT(path.round_trip.count(), 0);
        EXPECT_GT(path.segments, 1u) << "its hello, and the bytes";
        EXPECT_LT(path.retransmits, path.segments);
    });
}

// ---- looking without taking -------------------------------------------------------------------

STREAM_PROMISES(what_was_looked_at_is_still_there) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("PROXY GET /"))).has_value());
    std::string seen;
    while (seen.size() < 11) seen = text_of(co_await server->peek(seen.size(), 100));
    EXPECT_EQ(seen, "PROXY GET /");

    client->shut_down_writing();
    std::string head;
    while (head.size() < 6) head += text_of(co_await server->read(6 - head.size()));
    EXPECT_EQ(head, "PROXY ");
    EXPECT_EQ((co_await read_all(*server)).bytes, "GET /");
}

STREAM_PROMISES(a_look_waits_for_more_than_was_known) {
    auto [client, server] = co_await here.connect();
    scope writing;
    writing.spawn([](stream& to) -> task<> {
        for (const auto* piece : {"a", "b", "c"}) {
            EXPECT_TRUE((co_await to.write(pieces(piece))).has_value());
            (void)co_await sleep_for(5ms);
        }
    }(*client));
    EXPECT_EQ(text_of(co_await server->peek(2, 100)), "abc");
    co_await writing.join();
    EXPECT_EQ(text_of(co_await server->read()), "abc");
}

STREAM_PROMISES(a_look_shows_no_more_than_its_limit) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("abcdef"))).has_value());
    EXPECT_EQ(text_of(co_await server->peek(2, 3)), "abc");
    EXPECT_EQ(text_of(co_await server->peek(2, 3)), "abc");
}

STREAM_PROMISES(a_look_sees_the_end_behind_the_last_byte) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("a"))).has_value());
    EXPECT_EQ(text_of(co_await server->peek(0, 100)), "a");
    client->shut_down_writing();
    EXPECT_EQ(text_of(co_await server->peek(1, 100)), name_of(errc::end_of_stream));
    EXPECT_EQ(text_of(co_await server->read()), "a");
    EXPECT_EQ(text_of(co_await server->peek(0, 100)), name_of(errc::end_of_stream));
}

STREAM_PROMISES(a_look_ends_at_its_deadline_and_its_bytes_can_be_read) {
    auto [client, server] = co_await here.connect();
    EXPECT_TRUE((co_await client->write(pieces("a"))).has_value());
    EXPECT_EQ(text_of(co_await server->peek(0, 100)), "a");
    EXPECT_EQ(text_of(co_await with_deadline(10ms, server->peek(1, 100))),
              name_of(errc::timed_out));
    EXPECT_EQ(text_of(co_await server->read()), "a");
}

STREAM_PROMISES(a_look_at_a_reset_connection_fails) {
    auto [client, server] = co_await here.connect();
    client->reset_on_close();
    client.reset();
    EXPECT_EQ(text_of(co_await server->peek(0, 100)), name_of(errc::reset));
    EXPECT_TRUE(server->was_reset());
}

// ---- connecting and accepting -----------------------------------------------------------------

STREAM_PROMISES(a_refused_connection_says_so_and_may_be_tried_elsewhere) {
    here.close_door();
    const auto refused = here.begin_connecting();
    const auto stands = co_await refused->connected();
    EXPECT_EQ(stands.error().code, errc::refused);
    EXPECT_TRUE(stands.error().safe_to_retry);
}

STREAM_PROMISES(accepting_waits_for_a_connection) {
    scope beside;
    beside.spawn([](ground& there) -> task<> {
        co_await sleep_for(5ms);
        const auto connecting = there.begin_connecting();
        EXPECT_TRUE((co_await connecting->connected()).has_value());
        EXPECT_EQ(text_of(co_await connecting->read()), name_of(errc::end_of_stream));
    }(here));
    {
        const auto taken = co_await here.door().accept();
        EXPECT_TRUE(taken.has_value());
    }
    co_await beside.join();
}

STREAM_PROMISES(nobody_there_is_no_error_to_a_look) {
    EXPECT_EQ(here.door().try_accept().error().code, errc::unavailable);
    co_return;
}

STREAM_PROMISES(accepting_ends_when_it_is_stopped) {
    stop_source stop;
    scope beside;
    beside.spawn([](stop_source& what) -> task<> {
        co_await sleep_for(5ms);
        what.stop();
    }(stop));
    const auto taken = co_await with_stop(stop, here.door().accept());
    EXPECT_EQ(taken.error().code, errc::cancelled);
    co_await beside.join();

    const auto never = co_await with_stop(stop, here.door().accept());
    EXPECT_EQ(never.error().code, errc::cancelled);
}

}  // namespace
}  // namespace hawser::io
