// SPDX-License-Identifier: Apache-2.0
#include "tls/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "support/sim/sim_test.h"
#include "tls/ground.h"

namespace hawser::tls {
namespace {

using namespace std::chrono_literals;

/// A world with one door, and everything for two sides that trust each other.
struct lab {
    explicit lab(sim::world& world) : on(world.worker(), world.listen("10.0.0.1:443")) {}

    [[nodiscard]] terms agreed() const { return terms::of(server, client); }
    task<shaken> meet() {
        co_return co_await shake_hands(co_await on.connect(), agreed(), room, "shop.example");
    }

    authority issuer;
    io::ground on;
    work_room room;
    server_settings server{.certificates = {issuer.issue({"shop.example"})}};
    client_settings client{.authorities = issuer.path()};
};

task<std::string> read_some(io::stream& from) {
    const auto some = co_await from.read();
    co_return some ? std::string(some->data(), some->size())
                   : std::string(name_of(some.error().code));
}

SIM_TEST(tls_stream, e126_an_end_without_close_notify_is_no_end_in_order) {
    lab lab(world);
    lab.server.resumes = false;  // a ticket that nobody reads would make a reset of the end
    auto both = co_await lab.meet();
    EXPECT_TRUE((co_await both.client->write(io::pieces("cut"))).has_value());
    both.client->give_back().reset();  // the connection below just ends

    EXPECT_EQ(co_await read_some(*both.server), "cut");
    EXPECT_EQ(co_await read_some(*both.server), name_of(errc::truncated));
}

SIM_TEST(tls_stream, a_ticket_that_comes_does_not_stir_an_idle_stream) {
    lab lab(world);
    class : public io::watcher {
      public:
        int times = 0;

      private:
        void stirred(io::stream&) override { ++times; }
    } guard;
    auto both = co_await lab.meet();
    both.client->watch(&guard, no_deadline);
    co_await sleep_for(1s);  // tickets have come

    EXPECT_EQ(guard.times, 0);
    EXPECT_TRUE(both.client->is_quiet());
    EXPECT_TRUE((co_await both.server->write(io::pieces("stray"))).has_value());
    co_await sleep_for(1s);
    EXPECT_EQ(guard.times, 1);
}

SIM_TEST(tls_stream, an_unknown_authority_is_refused_and_says_why) {
    lab lab(world);
    const authority other("Somebody Else");
    lab.client.authorities = other.path();
    auto both = co_await lab.meet();
    EXPECT_EQ(both.client_ended.error().code, errc::malformed);
    EXPECT_THAT(both.client->failure(), testing::HasSubstr("certificate"));
    EXPECT_FALSE(both.server_ended.has_value());
}

SIM_TEST(tls_stream, e128_a_certificate_of_another_name_is_refused) {
    lab lab(world);
    lab.server.certificates = {lab.issuer.issue({"other.example"})};
    auto both = co_await lab.meet();
    EXPECT_THAT(both.client->failure(), testing::HasSubstr("hostname mismatch"));
}

SIM_TEST(tls_stream, e129_a_verified_client_is_known_by_its_subject) {
    lab lab(world);
    lab.server.clients = {client_certificates::required, lab.issuer.path()};
    lab.client.own = lab.issuer.issue({"alice"});
    auto both = co_await lab.meet();
    const auto settled = both.server->settled();
    EXPECT_EQ(settled.client_subject, "CN=alice");
    EXPECT_EQ(settled.client_fingerprint.size(), 64u);
}

SIM_TEST(tls_stream, a_client_without_the_required_certificate_is_refused) {
    lab lab(world);
    lab.server.clients = {client_certificates::required, lab.issuer.path()};
    auto both = co_await lab.meet();
    EXPECT_FALSE(both.server_ended.has_value());
    EXPECT_EQ(co_await read_some(*both.client), name_of(errc::malformed));
}

SIM_TEST(tls_stream, e122_both_speak_what_they_agree_on) {
    lab lab(world);
    lab.client.http2 = true;
    {
        auto both = co_await lab.meet();
        EXPECT_EQ(both.server->settled().speaks, protocol::http2);
        EXPECT_EQ(both.client->settled().speaks, protocol::http2);
    }
    lab.server.http2 = false;
    auto both = co_await lab.meet();
    EXPECT_THAT(both.client->failure(), testing::HasSubstr("no application protocol"));
}

SIM_TEST(tls_stream, e130_a_word_in_clear_is_heard_as_such) {
    lab lab(world);
    auto below = co_await lab.on.connect();
    const auto server = lab.agreed().server->accept(std::move(below.server), lab.room);
    EXPECT_TRUE((co_await below.client->write(io::pieces("GET / HTTP/1.1\r\n"))).has_value());
    EXPECT_FALSE((co_await server->connected()).has_value());
    EXPECT_TRUE(server->heard_clear_text());
}

SIM_TEST(tls_stream, e130_a_word_in_clear_is_heard_of_one_that_says_no_more) {
    lab lab(world);
    auto below = co_await lab.on.connect();
    EXPECT_TRUE((co_await below.client->write(io::pieces("GET / HTTP/1.0\r\n\r\n"))).has_value());
    below.client->shut_down_writing();
    co_await sleep_for(1s);
    const auto server = lab.agreed().server->accept(std::move(below.server), lab.room);
    EXPECT_FALSE((co_await server->connected()).has_value());
    EXPECT_TRUE(server->heard_clear_text());
}

SIM_TEST(tls_stream, e125_nothing_is_computed_for_a_client_that_has_left) {
    lab lab(world);
    const auto agreed = lab.agreed();
    for (const bool before_it_is_met : {true, false}) {
        auto below = co_await lab.on.connect();
        std::unique_ptr<stream> server;
        if (!before_it_is_met) server = agreed.server->accept(std::move(below.server), lab.room);
        const auto client =
            agreed.client->connect(std::move(below.client), lab.room, "shop.example");
        (void)co_await with_deadline(0s, client->connected());  // its first words
        client->give_back().reset();
        co_await sleep_for(1s);
        if (before_it_is_met) server = agreed.server->accept(std::move(below.server), lab.room);
        EXPECT_EQ((co_await server->connected()).error().code, errc::reset);
        EXPECT_TRUE(server->left_before_its_turn());
    }
}

SIM_TEST(tls_stream, e125_a_client_that_says_nothing_has_no_turn) {
    lab lab(world);
    auto below = co_await lab.on.connect();
    const auto silent = lab.agreed().server->accept(std::move(below.server), lab.room);
    EXPECT_FALSE((co_await with_deadline(1s, silent->connected())).has_value());
    EXPECT_FALSE(silent->left_before_its_turn());
    EXPECT_TRUE((co_await lab.meet()).server_ended.has_value());
}

SIM_TEST(tls_stream, a_flight_that_is_taken_in_parts_goes_on) {
    lab lab(world);
    world.weather_at("10.0.0.1:443").buffer = 100;
    auto both = co_await lab.meet();
    EXPECT_TRUE(both.client_ended.has_value()) << both.client->failure();
    EXPECT_TRUE(both.server_ended.has_value()) << both.server->failure();
}

SIM_TEST(tls_stream, a_handshake_ends_at_its_deadline) {
    lab lab(world);
    auto below = co_await lab.on.connect();
    const auto server = lab.agreed().server->accept(std::move(below.server), lab.room);
    EXPECT_EQ((co_await with_deadline(1s, server->connected())).error().code, errc::timed_out);
}

SIM_TEST(tls_stream, bytes_that_are_no_record_are_malformed) {
    lab lab(world);
    auto both = co_await lab.meet();
    auto below = both.client->give_back();
    EXPECT_TRUE((co_await below->write(io::pieces("this is no record of any kind"))).has_value());
    EXPECT_EQ(co_await read_some(*both.server), name_of(errc::malformed));
}

}  // namespace
}  // namespace hawser::tls
