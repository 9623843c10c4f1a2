// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "async/event.h"
#include "async/sleep.h"
#include "async/with.h"
#include "io/ground.h"
#include "support/sim/sim_test.h"

namespace hawser::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto* address = "10.0.0.1:80";

task<std::unique_ptr<io::stream>> connect(world& in) {
    auto made = in.io().connect(io::endpoint::parse(address).value()).value();
    EXPECT_TRUE((co_await made->connected()).has_value());
    co_return made;
}

SIM_TEST(simulation, an_hour_takes_no_time) {
    const auto before = world.io().clock();
    EXPECT_TRUE((co_await sleep_for(1h)).has_value());
    EXPECT_EQ(world.io().clock().steady - before.steady, 1h);
    EXPECT_EQ(world.io().clock().wall - before.wall, 1h);
}

/// The sizes of the reads of one history.
std::vector<std::size_t> history(std::uint64_t seed) {
    std::vector<std::size_t> sizes;
    world simulated(seed);
    simulated.run([](world& in, std::vector<std::size_t>& into) -> task<> {
        const auto door = in.listen(address);
        const auto client = co_await connect(in);
        const auto server = (co_await door->accept()).value();
        scope writing;
        writing.spawn([](io::stream& to) -> task<> {
            const std::string text(200'000, 'x');
            EXPECT_TRUE((co_await to.write(io::pieces(text))).has_value());
            to.shut_down_writing();
        }(*client));
        for (auto some = co_await server->read(); some; some = co_await server->read())
            into.push_back(some->size());
        co_await writing.join();
    }(simulated, sizes));
    return sizes;
}

TEST(simulation, the_same_seed_makes_the_same_history_and_another_a_different_one) {
    EXPECT_EQ(history(11), history(11));
    EXPECT_NE(history(11), history(12));
}

SIM_TEST(simulation, a_connection_can_be_swallowed) {
    const auto door = world.listen(address);
    world.weather_at(address).swallows = true;
    const auto made = world.io().connect(io::endpoint::parse(address).value()).value();
    const auto stands = co_await with_deadline(3s, made->connected());
    EXPECT_EQ(stands.error().code, errc::timed_out);
    EXPECT_TRUE(stands.error().safe_to_retry);
}

SIM_TEST(simulation, a_connection_can_be_refused_though_somebody_listens) {
    const auto door = world.listen(address);
    world.weather_at(address).refuses = true;
    const auto made = world.io().connect(io::endpoint::parse(address).value()).value();
    EXPECT_EQ((co_await made->connected()).error().code, errc::refused);
}

SIM_TEST(simulation, a_connection_can_break_after_so_many_bytes) {
    const auto door = world.listen(address);
    world.weather_at(address).reset_after = 5;
    const auto client = co_await connect(world);
    const auto server = (co_await door->accept()).value();
    EXPECT_TRUE((co_await server->write(io::pieces("0123456789"))).has_value());

    const auto all = co_await io::read_all(*client);

    EXPECT_EQ(all.bytes, "01234");
    EXPECT_EQ(all.why, errc::reset);
    EXPECT_EQ((co_await server->read()).error().code, errc::reset);
}

SIM_TEST(simulation, a_stall_holds_bytes_until_it_clears_up) {
    const auto door = world.listen(address);
    const auto client = co_await connect(world);
    const auto server = (co_await door->accept()).value();
    world.weather_at(address).stalls = true;
    EXPECT_TRUE((co_await server->write(io::pieces("late"))).has_value());
    server->shut_down_writing();
    EXPECT_EQ((co_await with_deadline(1min, client->read())).error().code, errc::timed_out);

    world.net().clear_up(io::endpoint::parse(address).value());

    EXPECT_EQ((co_await io::read_all(*client)).bytes, "late");
}

SIM_TEST(simulation, a_buffer_holds_so_much_and_no_more) {
    const auto door = world.listen(address);
    world.weather_at(address).buffer = 1000;
    const auto client = co_await connect(world);
    const auto server = (co_await door->accept()).value();
    const std::string text(3000, 'x');
    scope writing;
    writing.spawn([](io::stream& to, std::string_view what) -> task<> {
        EXPECT_TRUE((co_await to.write(io::pieces(what))).has_value());
        to.shut_down_writing();
    }(*client, text));
    co_await sleep_for(1s);
    EXPECT_EQ(client->unsent(), 2000u);

    EXPECT_EQ((co_await io::read_all(*server)).bytes.size(), 3000u);
    co_await writing.join();
}

TEST(simulation, waiting_for_what_never_comes_is_a_failure) {
    static errc told;
    EXPECT_NONFATAL_FAILURE(
        {
            world simulated(1);
            simulated.run([]() -> task<> {
                event never;
                told = (co_await never.wait()).error().code;
            }());
        },
        "deadlock");
    EXPECT_EQ(told, errc::cancelled);
}

}  // namespace
}  // namespace hawser::sim
