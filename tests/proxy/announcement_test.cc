// SPDX-License-Identifier: Apache-2.0
#include "proxy/announcement.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/sleep.h"
#include "support/sim/sim_test.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;
using outcome = announcement::outcome;

constexpr auto* door = "10.0.0.1:80";
const std::string header = "PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n";

/// A listener that takes the simulated clients, which come from 127.0.0.1, for trusted proxies.
listener_settings settings(announcement_policy policy) {
    const std::array trusted{clients::network::parse("127.0.0.1").value()};
    listener_settings made;
    made.announcements = policy;
    made.trusted_proxies = clients::network_set(trusted);
    return made;
}

struct heard {
    announcement told;
    std::string client;
    std::string rest;  ///< what can be read behind the header
};

task<> say(io::stream& to, std::vector<std::string> pieces) {
    if (!co_await to.connected()) co_return;
    for (const auto& piece : pieces) {
        if (!co_await to.write(io::pieces(piece))) co_return;
        (void)co_await sleep_for(1ms);
    }
    to.shut_down_writing();
}

/// What a listener makes of a client that says `pieces` and ends its side.
task<heard> hear(sim::world& world, listener_settings by, std::vector<std::string> pieces) {
    const auto from = world.listen(door);
    const auto client = world.io().connect(io::endpoint::parse(door).value()).value();
    scope saying;
    saying.spawn(say(*client, std::move(pieces)));
    auto taken = (co_await from->accept()).value();
    auto who = arrival::of(std::move(taken), world.io().clock().steady);
    stop_source leaving;

    heard made;
    made.told = co_await hear_announcement(who, by, leaving);
    made.client = who.client.ip.text();
    while (made.told.ended == outcome::known) {
        const auto some = co_await who.stream->read();
        if (!some) break;
        made.rest.append(some->data(), some->size());
    }
    co_await saying.join();
    co_return made;
}

SIM_TEST(announcements, e140_leave_what_follows_to_be_read) {
    for (const std::size_t cut : {0UL, 1UL, 6UL, header.size() - 1, header.size()}) {
        const auto by = settings(announcement_policy::required);
        const auto got = co_await hear(
            world, by, {header.substr(0, cut), header.substr(cut) + "GET / HTTP/1.1\r\n\r\n"});
        EXPECT_EQ(got.told.ended, outcome::known);
        EXPECT_EQ(got.client, "192.0.2.7");
        EXPECT_EQ(got.rest, "GET / HTTP/1.1\r\n\r\n");
    }
}

SIM_TEST(announcements, e136_are_missed_where_they_are_required) {
    const auto by = settings(announcement_policy::required);
    const auto got = co_await hear(world, by, {"GET / HTTP/1.1\r\n\r\n"});
    EXPECT_EQ(got.told.ended, outcome::refused);
    EXPECT_EQ(got.told.cause, "proxy-header-missing");
}

SIM_TEST(announcements, e136_may_be_missing_where_they_are_optional) {
    const auto by = settings(announcement_policy::optional);
    const auto got = co_await hear(world, by, {"G", "ET / HTTP/1.1\r\n\r\n"});
    EXPECT_EQ(got.told.ended, outcome::known);
    EXPECT_EQ(got.client, "127.0.0.1");
    EXPECT_EQ(got.rest, "GET / HTTP/1.1\r\n\r\n");
}

SIM_TEST(announcements, e136_of_strangers_are_not_listened_to) {
    auto by = settings(announcement_policy::optional);
    by.trusted_proxies = {};
    auto got = co_await hear(world, by, {header});
    EXPECT_EQ(got.told.ended, outcome::known);
    EXPECT_EQ(got.client, "127.0.0.1");
    EXPECT_EQ(got.rest, header);

    by.announcements = announcement_policy::required;
    got = co_await hear(world, by, {header});
    EXPECT_EQ(got.told.cause, "proxy-header-untrusted");
}

SIM_TEST(announcements, e140_end_with_the_connection) {
    const auto by = settings(announcement_policy::required);
    EXPECT_EQ((co_await hear(world, by, {})).told.ended, outcome::gone);
    EXPECT_EQ((co_await hear(world, by, {header.substr(0, 9)})).told.cause, "proxy-header-cut");
}

SIM_TEST(announcements, e140_have_the_time_of_a_head) {
    const auto by = settings(announcement_policy::required);
    const auto from = world.listen(door);
    for (const auto* begun : {"", "PROX"}) {
        const auto client = world.io().connect(io::endpoint::parse(door).value()).value();
        EXPECT_TRUE((co_await client->connected()).has_value());
        auto taken = (co_await from->accept()).value();
        EXPECT_TRUE((co_await client->write(io::pieces(begun))).has_value());
        const auto came = world.io().clock().steady;
        auto who = arrival::of(std::move(taken), came);
        stop_source leaving;
        const auto told = co_await hear_announcement(who, by, leaving);
        EXPECT_EQ(told.ended, *begun == '\0' ? outcome::gone : outcome::refused);
        EXPECT_EQ(told.cause, *begun == '\0' ? "" : "proxy-header-timeout");
        EXPECT_EQ(world.io().clock().steady - came, by.head_timeout);
    }
}

}  // namespace
}  // namespace hawser::proxy
