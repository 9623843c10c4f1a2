// SPDX-License-Identifier: Apache-2.0
// Failure at every point: in an exchange that would go well, one operation on one connection of
// the proxy fails, for every operation there is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "proxy/lab.h"

namespace hawser::proxy {
namespace {

using testing::IsEmpty;
using testing::Not;

using namespace std::chrono_literals;

/// What goes well when nothing fails.
struct course {
    std::string name;
    std::vector<std::string> servers;
    std::function<void(lab&)> prepare;
    std::vector<std::string> targets;  ///< of its requests
    std::string body = {};             ///< of each
    answers expected;
    bool is_repeatable = true;
    std::string told = {};    ///< by a tunnel
    bool has_no_end = false;  ///< a server that ends in order has said all, as far as one sees
};

void PrintTo(const course& of, std::ostream* out) { *out << of.name; }

/// Which operation fails.
struct point {
    std::string place;
    sim::fault fault;

    [[nodiscard]] std::string text() const {
        return name_of(fault.what) + " of operation " + std::to_string(fault.at) + " at " + place;
    }
};

bool is_error_status(const std::string& answer) {
    return answer.size() == 3 && (answer.front() == '4' || answer.front() == '5');
}

/// A full answer, a visible cut or an error: never one that is silently short.
void expect_honest_answers(const course& of, const lab& lab, bool may_be_short) {
    const auto& received = lab.client.received();
    ASSERT_LE(received.size(), of.expected.size());
    for (std::size_t i = 0; i < received.size(); ++i) {
        EXPECT_TRUE(received[i] == of.expected[i] || received[i] == "cut" ||
                    is_error_status(received[i]) ||
                    (may_be_short && of.expected[i].starts_with(received[i])))
            << "answer " << i << ": " << received[i].substr(0, 100);
    }
    EXPECT_TRUE(of.told.starts_with(lab.client.told)) << lab.client.told;
}

/// What may have had an effect came once; a body that a server took for whole is whole.
void expect_careful_delivery(const course& of, const lab& lab) {
    for (const auto& target : of.targets) {
        std::size_t times = 0;
        for (const auto& each : lab.requests())
            times += each.head.find(" " + target + " ") != std::string::npos ? 1 : 0;
        EXPECT_LE(times, of.is_repeatable ? 2u : 1u) << target;
    }
    for (const auto& each : lab.requests()) {
        if (each.is_whole) EXPECT_EQ(each.body, of.body);
        EXPECT_TRUE(of.body.starts_with(each.body));
    }
}

task<> run(sim::world& world, const course& of, const point& trouble, bool& has_struck) {
    lab lab(world, of.servers);
    lab.has_affinity = true;
    of.prepare(lab);
    auto& here = world.weather_at(trouble.place);
    here.trouble = trouble.fault;

    co_await lab.serve();

    has_struck = here.trouble->has_struck();
    lab.expect_nothing_left();
    expect_careful_delivery(of, lab);
    const bool has_server_ended =
        trouble.place != lab::door && trouble.fault.what == sim::fault::kind::end;
    expect_honest_answers(of, lab, of.has_no_end && has_server_ended);
    if (!has_struck) {
        EXPECT_EQ(lab.client.received(), of.expected);
        EXPECT_EQ(lab.client.told, of.told);
    }
    // Whoever can still hear hears something.
    if (trouble.place != lab::door) EXPECT_THAT(lab.client.received(), Not(IsEmpty()));
}

/// How many operations there were to fail.
std::size_t fail_everywhere(std::uint64_t seed, const course& of, point trouble) {
    constexpr std::size_t points_max = 1000;
    for (; trouble.fault.at < points_max; ++trouble.fault.at) {
        SCOPED_TRACE(trouble.text());
        bool has_struck = false;
        sim::world world(seed);
        world.run(run(world, of, trouble, has_struck));
        if (!has_struck || testing::Test::HasFailure()) break;
    }
    EXPECT_LT(trouble.fault.at, points_max) << "there is no end of operations";
    return trouble.fault.at;
}

class failure_at_every_point : public testing::TestWithParam<course> {
  protected:
    /// Ends of the proxy at `place` fail; returns how many points there were.
    std::size_t fail_at(const std::string& place, unsigned end) {
        std::size_t points = 0;
        using kind = sim::fault::kind;
        for (const auto what : {kind::reset, kind::end, kind::stall}) {
            for (const auto seed : sim::seeds()) {
                SCOPED_TRACE("HAWSER_SEED=" + std::to_string(seed));
                points += fail_everywhere(seed, GetParam(),
                                          {.place = place, .fault = {.what = what, .end = end}});
                if (HasFailure()) return points;
            }
        }
        return points;
    }
};

TEST_P(failure_at_every_point, of_the_client_leaves_nothing_behind) {
    EXPECT_GT(fail_at(lab::door, 1), 3 * sim::seeds().size());
}

TEST_P(failure_at_every_point, of_a_server_is_an_honest_answer_and_leaves_nothing_behind) {
    std::size_t points = 0;
    for (std::size_t server = 1; server <= GetParam().servers.size(); ++server)
        points += fail_at("10.0.1." + std::to_string(server) + ":80", 0);
    EXPECT_GT(points, 3 * 3 * sim::seeds().size());
}

// ---- the courses ----------------------------------------------------------------------------

const std::string long_text = [] {
    std::string text;
    for (int line = 0; text.size() < 6000; ++line) text += "line " + std::to_string(line) + ", ";
    return text;
}();

/// Whoever answers, it is the same.
void answer_everywhere(lab& lab, std::initializer_list<std::string_view> names,
                       const std::string& answer) {
    for (const auto name : names) lab.server(name).answer = answer;
}

std::string with_length(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// In chunks of a thousand bytes.
std::string chunked(const std::string& body) {
    std::string text;
    for (std::size_t at = 0; at < body.size(); at += 1000) {
        const auto piece = body.substr(at, 1000);
        std::array<char, 16> size;
        const auto end = std::to_chars(size.begin(), size.end(), piece.size(), 16).ptr;
        text.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
    }
    return text + "0\r\nX-Sum: 7\r\n\r\n";
}

std::vector<std::string> in_halves(const std::string& request) {
    return {request.substr(0, request.size() / 2), request.substr(request.size() / 2)};
}

const std::string post = "POST /order HTTP/1.1\r\nHost: shop.example\r\n";
const std::string post_with_length =
    post + "Content-Length: " + std::to_string(long_text.size()) + "\r\n\r\n" + long_text;
const std::string post_in_chunks = post + "Transfer-Encoding: chunked\r\n\r\n" + chunked(long_text);
const std::string handshake =
    "GET /chat HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Says something, and hangs up when it has come back.
task<> talk_in_tunnel(io::stream& with, std::string early, visitor& who) {
    who.told = std::move(early);
    if (!co_await with_deadline(3h, with.write(io::pieces(long_text)))) co_return;
    while (who.told.size() < long_text.size()) {
        const auto more = co_await with_deadline(3h, with.read());
        if (!more) co_return;
        who.told.append(more->data(), more->size());
    }
}

const auto courses = std::to_array<course>({
    {.name = "get",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue"}, with_length(long_text));
             lab.client.sends("/a");
         },
     .targets = {"/a"},
     .expected = {long_text}},
    {.name = "get_with_another_server_to_try",
     .servers = {"blue", "green"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue", "green"}, with_length(long_text));
             lab.client.sends("/a");
         },
     .targets = {"/a"},
     .expected = {long_text}},
    {.name = "three_gets_over_kept_connections",
     .servers = {"blue"},
     .prepare = [](lab& lab) { lab.client.sends("/a", "/b", "/c"); },
     .targets = {"/a", "/b", "/c"},
     .expected = {"blue", "blue", "blue"}},
    {.name = "a_chunked_answer",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(
                 lab, {"blue"},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(long_text));
             lab.client.sends("/a");
         },
     .targets = {"/a"},
     .expected = {long_text}},
    {.name = "an_answer_that_ends_by_close",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue"}, "HTTP/1.1 200 OK\r\n\r\n" + long_text);
             lab.server("blue").closes = true;
             lab.client.sends("/a");
         },
     .targets = {"/a"},
     .expected = {long_text},
     .has_no_end = true},
    {.name = "a_chunked_answer_to_http_1_0",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(
                 lab, {"blue"},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(long_text));
             lab.client.sends_raw("GET /a HTTP/1.0\r\nHost: shop.example\r\n\r\n");
         },
     .targets = {"/a"},
     .expected = {long_text}},
    {.name = "interim_answers",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(
                 lab, {"blue"},
                 "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + with_length("blue"));
             lab.client.sends("/a");
         },
     .targets = {"/a"},
     .expected = {"blue"}},
    {.name = "post_with_length",
     .servers = {"blue", "green"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue", "green"}, with_length(long_text));
             lab.client.sends_raw(post_with_length);
         },
     .targets = {"/order"},
     .body = long_text,
     .expected = {long_text},
     .is_repeatable = false},
    {.name = "post_with_length_that_comes_late",
     .servers = {"blue", "green"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue", "green"}, with_length("done"));
             lab.client.sends_slowly(in_halves(post_with_length), 3ms);
         },
     .targets = {"/order"},
     .body = long_text,
     .expected = {"done"},
     .is_repeatable = false},
    {.name = "post_in_chunks",
     .servers = {"blue", "green"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue", "green"}, with_length("done"));
             lab.client.sends_slowly(in_halves(post_in_chunks), 3ms);
         },
     .targets = {"/order"},
     .body = long_text,
     .expected = {"done"},
     .is_repeatable = false},
    {.name = "post_without_a_body_over_a_kept_connection",
     .servers = {"blue"},
     .prepare =
         [](lab& lab) {
             lab.client.sends_raw(post + "Content-Length: 0\r\n\r\n");
             lab.client.sends_raw("POST /pay HTTP/1.1\r\nHost: shop.example\r\n\r\n");
         },
     .targets = {"/order", "/pay"},
     .expected = {"blue", "blue"},
     .is_repeatable = false},
    {.name = "tunnel",
     .servers = {"blue", "green"},
     .prepare =
         [](lab& lab) {
             answer_everywhere(lab, {"blue", "green"}, switching);
             lab.client.sends_raw(handshake);
             lab.client.tunnels = talk_in_tunnel;
         },
     .targets = {"/chat"},
     .expected = {"101"},
     .told = long_text},
});

INSTANTIATE_TEST_SUITE_P(courses, failure_at_every_point, testing::ValuesIn(courses),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace hawser::proxy
