// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "async/with.h"
#include "io/source.h"
#include "support/sim/sim_test.h"

namespace hawser::http {
namespace {

constexpr std::string_view question = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

task<served_answer> say_yes(const served_request&) { co_return served_answer{.body = "yes"}; }

task<> serve_until(stop_source& over, server& served, std::unique_ptr<io::listener> from) {
    co_await with_stop(over, served.serve(std::move(from)));
}

/// Asks, and stays connected.
task<bool> is_answered(io::stream& client) {
    const auto stands = co_await client.connected();
    if (!stands) co_return false;
    (void)co_await client.write(io::pieces(question));
    const auto told = co_await client.read();
    co_return told.has_value();
}

SIM_TEST(small_server, closes_the_connections_of_one_peer_beyond_their_number) {
    constexpr std::string_view place = "192.0.2.1:80";
    server served({.connections_of_peer_max = 2}, say_yes);
    stop_source over;
    scope serving;
    serving.spawn(serve_until(over, served, world.listen(place)));

    std::array<bool, 3> answered{};
    std::array<std::unique_ptr<io::stream>, 3> clients;
    io::source peer;  // the loopback has no such limit
    peer.address = io::ip_address::parse("192.0.2.7").value();
    const auto to = io::endpoint::parse(place).value();
    for (std::size_t i = 0; i < clients.size(); ++i) {
        clients[i] = std::move(world.io().connect(to, peer).value());
        answered[i] = co_await is_answered(*clients[i]);
    }

    EXPECT_EQ(answered, (std::array{true, true, false}));
    over.stop();
    co_await serving.join();
}

}  // namespace
}  // namespace hawser::http
