// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "support/sim/sim_test.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// A tunnel between two streams, whose other ends the test holds.
class bridge {
  public:
    explicit bridge(sim::world& in) : world_(in) {}

    task<> build() {
        co_await connect("10.0.0.1:80", client, client_side_);
        co_await connect("10.0.1.1:80", server_side_, server);
    }

    /// Until the tunnel is over.
    task<> run() {
        const auto began = loop::current().now().steady;
        tunnel through(*client_side_, *server_side_, 1h, around);
        http::websocket_frames so_far;
        so_far.take(early);
        if (is_websocket) through.say_goodbye_at(due, leaves, so_far);
        co_await through.run();
        lasted = loop::current().now().steady - began;
        ended_by = through.ended_by();
        to_client = through.to_client();
        client_side_.reset();
        server_side_.reset();
    }

    std::unique_ptr<io::stream> client;  ///< the client's own end
    std::unique_ptr<io::stream> server;
    stop_source around;
    stop_source due;
    leaver leaves{due};
    bool is_websocket = false;
    std::string early;

    steady_time::duration lasted{};
    std::string ended_by;
    std::uint64_t to_client = 0;

  private:
    task<> connect(std::string_view at, std::unique_ptr<io::stream>& connecting,
                   std::unique_ptr<io::stream>& accepted) {
        const auto door = world_.listen(at);
        connecting = world_.io().connect(io::endpoint::parse(at).value()).value();
        EXPECT_TRUE((co_await connecting->connected()).has_value());
        accepted = (co_await door->accept()).value();
    }

    sim::world& world_;
    std::unique_ptr<io::stream> client_side_;
    std::unique_ptr<io::stream> server_side_;
};

/// What comes, up to `size` bytes or the end.
task<std::string> read(io::stream& from, std::size_t size) {
    std::string all;
    while (all.size() < size) {
        const auto more = co_await with_deadline(3h, from.read(size - all.size()));
        if (!more) break;
        all.append(more->data(), more->size());
    }
    co_return all;
}

task<errc> read_to_end(io::stream& from, std::string& into) {
    for (;;) {
        const auto more = co_await with_deadline(3h, from.read());
        if (!more) co_return more.error().code;
        into.append(more->data(), more->size());
    }
}

task<> write(io::stream& to, std::string what) {
    EXPECT_TRUE((co_await to.write(io::pieces(what))).has_value());
}

/// Whether or not the other end takes it.
task<> pour(io::stream& to, std::string what) { (void)co_await to.write(io::pieces(what)); }

// ---- how a tunnel ends ----------------------------------------------------------------------

SIM_TEST(tunnel, e145_passes_bytes_both_ways_and_ends_with_both_sides) {
    bridge bridge(world);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    running.spawn(write(*bridge.client, std::string(100'000, 'c')));
    running.spawn(write(*bridge.server, std::string(100'000, 's')));
    EXPECT_TRUE(co_await read(*bridge.server, 100'000) == std::string(100'000, 'c'));
    EXPECT_TRUE(co_await read(*bridge.client, 100'000) == std::string(100'000, 's'));

    bridge.client->shut_down_writing();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.server, rest), errc::end_of_stream);
    bridge.server->shut_down_writing();
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "client-ended");
    EXPECT_EQ(rest, "");
}

SIM_TEST(tunnel, e147_after_a_half_close_the_other_direction_goes_on_for_a_minute) {
    bridge bridge(world);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    bridge.client->shut_down_writing();
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.server, heard), errc::end_of_stream);
    for (int i = 0; i < 5; ++i) {
        co_await write(*bridge.server, "more");
        EXPECT_EQ(co_await read(*bridge.client, 4), "more");
        EXPECT_TRUE((co_await sleep_for(11s)).has_value());
    }
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "half-closed");
    EXPECT_GE(bridge.lasted, 60s);
    EXPECT_LT(bridge.lasted, 61s);
}

SIM_TEST(tunnel, e147_a_half_closed_tunnel_that_is_silent_has_no_more_than_the_minute) {
    for (const bool by_client : {true, false}) {
        bridge bridge(world);
        co_await bridge.build();
        scope running;
        running.spawn(bridge.run());
        EXPECT_TRUE((co_await sleep_for(1s)).has_value());
        (by_client ? bridge.client : bridge.server)->shut_down_writing();
        co_await running.join();

        EXPECT_EQ(bridge.ended_by, "half-closed");
        EXPECT_GE(bridge.lasted, 61s);
        EXPECT_LT(bridge.lasted, 62s);
    }
}

SIM_TEST(tunnel, e147_the_reset_of_one_side_ends_the_other_at_once) {
    bridge bridge(world);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    bridge.server->reset_on_close();
    bridge.server.reset();
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.client, heard), errc::reset);
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "reset");
    EXPECT_LT(bridge.lasted, 10ms);
}

SIM_TEST(tunnel, e146_silence_of_both_sides_ends_it_after_the_idle_limit) {
    bridge bridge(world);
    co_await bridge.build();
    co_await bridge.run();

    EXPECT_EQ(bridge.ended_by, "idle");
    EXPECT_EQ(bridge.lasted, 1h);
}

SIM_TEST(tunnel, e146_bytes_in_one_direction_keep_both_alive) {
    bridge bridge(world);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE((co_await sleep_for(59min)).has_value());
        co_await write(*bridge.server, "tick");
        EXPECT_EQ(co_await read(*bridge.client, 4), "tick");
    }
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "idle");
    EXPECT_GT(bridge.lasted, 4 * 59min + 1h - 1s);
}

SIM_TEST(tunnel, when_it_is_stopped_the_server_sees_no_end_in_order) {
    bridge bridge(world);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    bridge.around.stop();
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.server, heard), errc::reset);
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "");
}

// ---- a graceful stop ------------------------------------------------------------------------

const std::string going_away(node_stops.close.frame());
const std::string text = "\x81\x02hi"s;
const std::string answer = "\x88\x82\x01\x02\x03\x04\x02\xeb"s;  // a client's, masked

SIM_TEST(tunnel, e149_an_idle_websocket_is_told_that_we_go_and_ends_by_its_own_handshake) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_TRUE((co_await sleep_for(1min)).has_value());
    bridge.leaves.go(node_stops);
    EXPECT_EQ(co_await read(*bridge.client, going_away.size()), going_away);

    co_await write(*bridge.client, answer);
    EXPECT_EQ(co_await read(*bridge.server, answer.size()), answer);
    co_await write(*bridge.server, going_away);  // a client gets one Close only
    bridge.server->shut_down_writing();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
    bridge.client->shut_down_writing();
    co_await running.join();

    EXPECT_EQ(rest, "");
    EXPECT_EQ(bridge.ended_by, "stopped");
    EXPECT_EQ(bridge.to_client, going_away.size());
    EXPECT_LT(bridge.lasted, 1min + 1s);
}

SIM_TEST(tunnel, e149_a_frame_that_has_begun_goes_first_and_the_next_one_no_more) {
    bridge bridge(world);
    bridge.is_websocket = true;
    bridge.early = "\x81\x0agood"s;  // behind the 101: the begin of a text of ten bytes
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, "mor");
    EXPECT_EQ(co_await read(*bridge.client, 3), "mor");
    bridge.leaves.go(node_stops);
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    co_await write(*bridge.server, "ing\x81\x05never"s);
    EXPECT_EQ(co_await read(*bridge.client, 3 + going_away.size()), "ing" + going_away);
    bridge.client->shut_down_writing();
    bridge.server->shut_down_writing();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
    co_await running.join();
    EXPECT_EQ(rest, "");
}

SIM_TEST(tunnel, e149_a_client_that_does_not_go_is_left_after_a_minute) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    bridge.leaves.go(node_stops);
    EXPECT_EQ(co_await read(*bridge.client, going_away.size()), going_away);
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "stopped");
    EXPECT_GE(bridge.lasted, 60s);
    EXPECT_LT(bridge.lasted, 61s);
}

SIM_TEST(tunnel, e149_a_client_that_was_told_has_a_minute_also_where_its_server_ends_first) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    bridge.leaves.go(node_stops);
    EXPECT_EQ(co_await read(*bridge.client, going_away.size()), going_away);
    bridge.server->shut_down_writing();
    co_await running.join();

    EXPECT_EQ(bridge.ended_by, "stopped");
    EXPECT_GE(bridge.lasted, 61s);
    EXPECT_LT(bridge.lasted, 62s);
}

SIM_TEST(tunnel, e149_whoever_comes_while_we_go_is_told_at_once) {
    bridge bridge(world);
    bridge.is_websocket = true;
    bridge.leaves.go(node_stops);
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_EQ(co_await read(*bridge.client, going_away.size()), going_away);
    bridge.client.reset();
    co_await running.join();
}

SIM_TEST(tunnel, e149_no_word_of_ours_after_a_close_or_among_what_are_no_frames) {
    for (const auto& sent : {going_away, "no frames"s}) {
        bridge bridge(world);
        bridge.is_websocket = true;
        co_await bridge.build();
        scope running;
        running.spawn(bridge.run());
        co_await write(*bridge.server, sent);
        EXPECT_EQ(co_await read(*bridge.client, sent.size()), sent);
        bridge.leaves.go(node_stops);
        EXPECT_TRUE((co_await sleep_for(1min)).has_value());
        co_await write(*bridge.server, "x");
        bridge.server->shut_down_writing();
        bridge.client->shut_down_writing();
        std::string rest;
        EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
        EXPECT_EQ(rest, "x");
        co_await running.join();
    }
}

SIM_TEST(tunnel, e149_when_the_process_ends_its_client_has_a_last_word_at_once) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    crypto::random_stock random;
    departure node(node_stops, random);
    bridge.leaves.listen_to(&node, nullptr);
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, text);
    EXPECT_EQ(co_await read(*bridge.client, text.size()), text);
    node.call(10s);
    bridge.around.stop();  // its moment has not come
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.client, heard), errc::end_of_stream);
    EXPECT_EQ(heard, going_away);
    EXPECT_EQ(co_await read_to_end(*bridge.server, heard), errc::reset);
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "stopped");
    EXPECT_LE(bridge.lasted, limits::linger_time + 1s) << "it waits for nobody";
}

SIM_TEST(tunnel, e149_within_a_frame_there_is_no_last_word) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    crypto::random_stock random;
    departure node(node_stops, random);
    bridge.leaves.listen_to(&node, nullptr);
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, "\x81\x0agood"s);
    EXPECT_EQ(co_await read(*bridge.client, 6), "\x81\x0agood"s);
    node.call(10s);
    bridge.around.stop();
    std::string rest;
    (void)co_await read_to_end(*bridge.client, rest);
    EXPECT_EQ(rest, "");
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "");
}

// ---- silence --------------------------------------------------------------------------------

const std::string idle(tunnel_is_idle.close.frame());

SIM_TEST(tunnel, e149_the_client_of_an_idle_websocket_is_told_and_its_answer_goes_on) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_EQ(co_await read(*bridge.client, idle.size()), idle);
    co_await write(*bridge.client, answer);
    EXPECT_EQ(co_await read(*bridge.server, answer.size()), answer);
    bridge.server->shut_down_writing();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
    bridge.client->shut_down_writing();
    co_await running.join();
    EXPECT_EQ(rest, "");
    EXPECT_EQ(bridge.ended_by, "idle");
    EXPECT_LT(bridge.lasted, 1h + 1s);
}

SIM_TEST(tunnel, e149_an_idle_websocket_whose_client_does_not_answer_ends_after_a_minute) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    co_await bridge.run();
    EXPECT_EQ(bridge.ended_by, "idle");
    EXPECT_GE(bridge.lasted, 1h + 60s);
    EXPECT_LT(bridge.lasted, 1h + 61s);
}

SIM_TEST(tunnel, e149_within_a_frame_silence_just_ends) {
    bridge bridge(world);
    bridge.is_websocket = true;
    bridge.early = "\x81\x0agood"s;
    co_await bridge.build();
    co_await bridge.run();
    EXPECT_EQ(bridge.ended_by, "idle");
    EXPECT_EQ(bridge.to_client, 0u);
    EXPECT_EQ(bridge.lasted, 1h);
}

// ---- a server that is lost ------------------------------------------------------------------

const std::string lost(server_lost.close.frame());

SIM_TEST(tunnel, e149_the_client_of_a_websocket_whose_server_is_reset_is_told) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, text);
    EXPECT_EQ(co_await read(*bridge.client, text.size()), text);
    bridge.server->reset_on_close();
    bridge.server.reset();
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.client, heard), errc::end_of_stream);
    EXPECT_EQ(heard, lost);
    co_await write(*bridge.client, answer);  // into nothing
    bridge.client->shut_down_writing();
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "reset");
    EXPECT_LT(bridge.lasted, 1s);
}

SIM_TEST(tunnel, e149_the_client_of_a_websocket_whose_server_just_ends_is_told) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    bridge.server->shut_down_writing();
    EXPECT_EQ(co_await read(*bridge.client, lost.size()), lost);
    co_await write(*bridge.client, answer);
    EXPECT_EQ(co_await read(*bridge.server, answer.size()), answer) << "it may still listen";
    bridge.client->shut_down_writing();
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "server-ended");
}

SIM_TEST(tunnel, e149_a_message_to_a_server_that_is_gone_does_not_cut_its_client_off) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    bridge.server->reset_on_close();
    bridge.server.reset();
    co_await write(*bridge.client, answer);
    co_await write(*bridge.client, answer);
    std::string heard;
    EXPECT_EQ(co_await read_to_end(*bridge.client, heard), errc::end_of_stream);
    EXPECT_EQ(heard, lost);
    bridge.client.reset();
    co_await running.join();
}

SIM_TEST(tunnel, e149_the_client_of_a_websocket_whose_server_takes_nothing_is_told) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    scope pouring;
    pouring.spawn(pour(*bridge.client, std::string(4'000'000, 'c')));
    const std::string stalled(server_stalled.close.frame());
    EXPECT_EQ(co_await read(*bridge.client, stalled.size()), stalled);
    co_await pouring.join();
    bridge.client->shut_down_writing();
    std::string rest;
    (void)co_await read_to_end(*bridge.server, rest);
    EXPECT_LT(rest.size(), 4'000'000u);
    co_await running.join();
    EXPECT_EQ(bridge.ended_by, "write-timeout");
}

SIM_TEST(tunnel, e149_a_client_that_is_told_and_does_not_go_is_left_after_a_minute) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    bridge.server->reset_on_close();
    bridge.server.reset();
    EXPECT_EQ(co_await read(*bridge.client, lost.size()), lost);
    co_await running.join();
    EXPECT_GE(bridge.lasted, 60s);
    EXPECT_LT(bridge.lasted, 61s);
}

SIM_TEST(tunnel, e149_within_a_frame_there_is_no_word_for_a_lost_server) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, "\x81\x0agood"s);
    EXPECT_EQ(co_await read(*bridge.client, 6), "\x81\x0agood"s);
    bridge.server->reset_on_close();
    bridge.server.reset();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::reset);
    EXPECT_EQ(rest, "");
    co_await running.join();
}

SIM_TEST(tunnel, e149_a_server_that_closed_and_is_lost_then_has_said_why_itself) {
    bridge bridge(world);
    bridge.is_websocket = true;
    co_await bridge.build();
    scope running;
    running.spawn(bridge.run());
    co_await write(*bridge.server, going_away);
    EXPECT_EQ(co_await read(*bridge.client, going_away.size()), going_away);
    bridge.server->reset_on_close();
    bridge.server.reset();
    std::string rest;
    EXPECT_EQ(co_await read_to_end(*bridge.client, rest), errc::end_of_stream);
    EXPECT_EQ(rest, "");
    bridge.client.reset();
    co_await running.join();
}

}  // namespace
}  // namespace hawser::proxy
