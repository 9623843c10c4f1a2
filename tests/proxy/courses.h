// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "proxy/goodbye.h"
#include "proxy/lab.h"

/// Exchanges that go well when nothing disturbs them, for tests that disturb them at every point;
/// and what holds all the same.
namespace hawser::proxy {

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

inline void PrintTo(const course& of, std::ostream* out) { *out << of.name; }

inline bool is_error_status(const std::string& answer) {
    return answer.size() == 3 && (answer.front() == '4' || answer.front() == '5');
}

/// A full answer, a visible cut or an error: never one that is silently short.
inline void expect_honest_answers(const course& of, const lab& lab, bool may_be_short) {
    const auto& received = lab.client.received();
    ASSERT_LE(received.size(), of.expected.size());
    for (std::size_t i = 0; i < received.size(); ++i) {
        EXPECT_TRUE(received[i] == of.expected[i] || received[i] == "cut" ||
                    received[i] == "reset" || is_error_status(received[i]) ||
                    (may_be_short && of.expected[i].starts_with(received[i])))
            << "answer " << i << ": " << received[i].substr(0, 100);
    }
    // Where no frame has come yet, a tunnel that must end says so, and why (E149).
    const auto is_told = [&](const goodbye& why) { return lab.client.told == why.close.frame(); };
    const std::array said{node_stops, server_lost, server_stalled, tunnel_is_idle};
    EXPECT_TRUE(of.told.starts_with(lab.client.told) || std::ranges::any_of(said, is_told))
        << lab.client.told;
}

/// What may have had an effect came once; a body that a server took for whole is whole.
inline void expect_careful_delivery(const course& of, const lab& lab) {
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

// ---- the courses ----------------------------------------------------------------------------

inline const std::string long_text = [] {
    std::string text;
    for (int line = 0; text.size() < 6000; ++line) text += "line " + std::to_string(line) + ", ";
    return text;
}();

/// Whoever answers, it is the same.
inline void answer_everywhere(lab& lab, std::initializer_list<std::string_view> names,
                              const std::string& answer) {
    for (const auto name : names) lab.server(name).answer = answer;
}

inline std::string with_length(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// In chunks of a thousand bytes.
inline std::string chunked(const std::string& body) {
    std::string text;
    for (std::size_t at = 0; at < body.size(); at += 1000) {
        const auto piece = body.substr(at, 1000);
        std::array<char, 16> size;
        const auto end = std::to_chars(size.begin(), size.end(), piece.size(), 16).ptr;
        text.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
    }
    return text + "0\r\nX-Sum: 7\r\n\r\n";
}

inline std::vector<std::string> in_halves(const std::string& request) {
    return {request.substr(0, request.size() / 2), request.substr(request.size() / 2)};
}

inline const std::string post = "POST /order HTTP/1.1\r\nHost: shop.example\r\n";
inline const std::string post_with_length =
    post + "Content-Length: " + std::to_string(long_text.size()) + "\r\n\r\n" + long_text;
inline const std::string post_in_chunks =
    post + "Transfer-Encoding: chunked\r\n\r\n" + chunked(long_text);
inline const std::string long_answer_in_chunks =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(long_text);
inline const std::string handshake =
    "GET /chat HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
inline const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Says something, and hangs up when it has come back.
inline task<> talk_in_tunnel(io::stream& with, std::string early, visitor& who) {
    who.told = std::move(early);
    if (!co_await with_deadline(3h, with.write(io::pieces(long_text)))) co_return;
    while (who.told.size() < long_text.size()) {
        const auto more = co_await with_deadline(3h, with.read());
        if (!more) co_return;
        who.told.append(more->data(), more->size());
    }
}

inline const auto
    courses =
        std::to_array<course>(
            {
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
                         answer_everywhere(lab, {"blue"}, long_answer_in_chunks);
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
                         answer_everywhere(lab, {"blue"}, long_answer_in_chunks);
                         lab.client.sends_raw("GET /a HTTP/1.0\r\nHost: shop.example\r\n\r\n");
                     },
                 .targets = {"/a"},
                 .expected = {long_text}},
                {.name = "interim_answers",
                 .servers = {"blue"},
                 .prepare =
                     [](lab& lab) {
                         answer_everywhere(lab, {"blue"},
                                           "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                                               with_length("blue"));
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
                {.name = "post_that_is_answered_early",
                 .servers = {"blue", "green"},
                 .prepare =
                     [](lab& lab) {
                         answer_everywhere(lab, {"blue", "green"}, with_length("done"));
                         for (const auto* name : {"blue", "green"})
                             lab.server(name).answers_early = true;
                         lab.client.sends_slowly(in_halves(post_with_length), 3ms);
                     },
                 .targets = {"/order"},
                 .body = long_text,
                 .expected = {"done"},
                 .is_repeatable = false},
                {.name = "two_pipelined_gets",
                 .servers = {"blue"},
                 .prepare =
                     [](lab& lab) {
                         lab.client.sends_raw(
                             "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"
                             "GET /b HTTP/1.1\r\nHost: shop.example\r\n\r\n");
                         lab.client.sends_raw("");  // its answer is on its way
                     },
                 .targets = {"/a", "/b"},
                 .expected = {"blue", "blue"}},
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

}  // namespace hawser::proxy
