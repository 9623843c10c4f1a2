// SPDX-License-Identifier: Apache-2.0
// What routes do besides leading to a pool, in whole exchanges.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http/compression/decoders.h"
#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;

SIM_TEST(route_actions, answer_without_a_server) {
    lab lab(world, {"blue"});
    fixed_answer fine;
    fine.body = "fine";
    fine.content_type = "x/y";
    lab.route.answer = std::make_shared<const fixed_answer>(std::move(fine));
    lab.client.sends("/a", "/b");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"fine", "fine"}));
    EXPECT_EQ(lab.client.field("Content-Type"), "x/y");
    EXPECT_THAT(lab.requests(), IsEmpty());
    EXPECT_THAT(lab.endings(), IsEmpty());
    lab.expect_nothing_left();
}

SIM_TEST(route_actions, send_clients_elsewhere) {
    lab lab(world, {"blue"});
    fixed_answer moved;
    moved.status = 308;
    moved.location = text_template::parse("https://{host}{uri}", 0).value();
    lab.route.answer = std::make_shared<const fixed_answer>(std::move(moved));
    lab.client.sends("/a?b");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"308"}));
    EXPECT_EQ(lab.client.field("Location"), "https://shop.example/a?b");
    EXPECT_THAT(lab.requests(), IsEmpty());
}

SIM_TEST(route_actions, give_error_pages_of_the_form_that_was_asked_for) {
    lab lab(world, {"blue"});
    lab.refuse("blue");
    lab.route.pages = std::make_shared<const error_pages>(
        error_pages{{5, {.html = "<p>later</p>", .json = "{\"later\": true}"}}});
    lab.client.sends_raw("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nAccept: application/json\r\n\r\n");
    lab.client.sends_raw("GET / HTTP/1.1\r\nHost: a\r\naccept: text/html\r\n\r\n");

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{"503", "503"}));
    EXPECT_EQ(lab.client.field("Content-Type", 0), "application/json");
    EXPECT_EQ(lab.client.field("Content-Type", 1), "text/html; charset=utf-8");
}

// ---- compression, with a failure at every point ---------------------------------------------

const std::string text = [] {
    std::string made;
    for (int line = 0; made.size() < 6000; ++line) made += "line " + std::to_string(line) + ", ";
    return made;
}();

void compress(lab& lab) {
    compression by;
    by.which = {.types = {"text/*"}};
    by.with = {http::compression::choice("gzip")};
    by.names = {"gzip"};
    lab.route.compressed = std::make_shared<const compression>(std::move(by));
    lab.server("blue").answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                                std::to_string(text.size()) + "\r\n\r\n" + text;
    lab.client.sends_raw("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
}

SIM_TEST(route_actions, compress_and_count_what_that_holds) {
    lab lab(world, {"blue"});
    compress(lab);

    co_await lab.serve();

    EXPECT_EQ(lab.client.field("Content-Encoding"), "gzip");
    EXPECT_TRUE(http::compression::gzip_decoder().decode(lab.client.received().at(0)) == text);
    EXPECT_EQ(lab.station().compression_memory, 0u);
    lab.expect_nothing_left();
}

SIM_TEST(route_actions, compress_nothing_once_too_much_is_held) {
    lab lab(world, {"blue"});
    compress(lab);
    lab.station().compression_memory = limits::compression_memory_max;

    co_await lab.serve();

    EXPECT_EQ(lab.client.received(), (answers{text}));
    EXPECT_EQ(lab.client.field("Content-Encoding"), "");
    EXPECT_EQ(lab.client.field("Vary"), "Accept-Encoding");
}

task<> fail_once(sim::world& world, std::string place, sim::fault fault, bool& has_struck) {
    lab lab(world, {"blue"});
    compress(lab);
    auto& here = world.weather_at(place);
    here.trouble = fault;

    co_await lab.serve();

    has_struck = here.trouble->has_struck();
    lab.expect_nothing_left();
    EXPECT_EQ(lab.station().compression_memory, 0u);
    for (const auto& each : lab.client.received()) {
        const bool is_error = each == "cut" || each == "reset" || each.size() == 3;
        EXPECT_TRUE(is_error || http::compression::gzip_decoder().decode(each) == text);
    }
}

TEST(route_actions, e85_what_is_compressed_is_whole_or_seen_to_be_cut) {
    using kind = sim::fault::kind;
    std::size_t points = 0;
    for (const auto seed : sim::seeds())
        for (const auto what : {kind::reset, kind::end, kind::stall})
            for (const bool at_client : {true, false}) {
                bool has_struck = true;
                for (std::size_t at = 0; has_struck && at < 1000; ++at, ++points) {
                    sim::world world(seed);
                    const sim::fault fault{.what = what, .end = at_client ? 1u : 0u, .at = at};
                    world.run(
                        fail_once(world, at_client ? lab::door : "10.0.1.1:80", fault, has_struck));
                }
            }
    EXPECT_GT(points, 12 * sim::seeds().size());
}

}  // namespace
}  // namespace hawser::proxy
