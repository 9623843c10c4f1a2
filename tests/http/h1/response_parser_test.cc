// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

std::string ok_with(std::string_view field_lines) {
    return "HTTP/1.1 200 OK\r\n" + std::string(field_lines) + "\r\n";
}

std::string with_status(std::string_view status, std::string_view field_lines) {
    return "HTTP/1.1 " + std::string(status) + " x\r\n" + std::string(field_lines) + "\r\n";
}

/// The names of the fields that would be forwarded, joined by blanks.
std::string forwarded(const response_head& head) {
    std::string names;
    for (const field& each : head.fields)
        if (!each.hop_by_hop) names.append(names.empty() ? "" : " ").append(each.name);
    return names;
}

TEST(response_parser, gives_status_reason_and_fields) {
    const delivered_response answer(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nA: b\r\n\r\nabc");
    ASSERT_TRUE(answer.is_complete()) << answer.said;
    EXPECT_EQ(answer.head.status, 404u);
    EXPECT_EQ(answer.head.reason, "Not Found");
    EXPECT_EQ(answer.head.body, framing::length);
    EXPECT_EQ(answer.head.content_length, 3u);
    EXPECT_TRUE(answer.head.keep_alive);
    ASSERT_EQ(answer.head.fields.size(), 2u);
    EXPECT_TRUE(answer.head.fields[1].plain);
    EXPECT_EQ(answer.said.consumed, 51u);
}

TEST(response_parser, e75_drops_framing_of_interim_answers) {
    for (const char* status : {"100", "102", "103", "199"}) {
        const delivered_response answer(
            with_status(status, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nLink: x\r\n"));
        ASSERT_TRUE(answer.is_complete()) << status;
        EXPECT_TRUE(answer.head.is_interim());
        EXPECT_EQ(answer.head.body, framing::none);
        EXPECT_EQ(forwarded(answer.head), "Link");
    }
}

TEST(response_parser, e76_refuses_an_upgrade_that_nobody_asked_for) {
    const std::string switching =
        with_status("101", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    EXPECT_EQ(delivered_response(switching).status(), 502u);
    const delivered_response asked(switching, {.websocket = true});
    ASSERT_TRUE(asked.is_complete());
    EXPECT_FALSE(asked.head.is_interim());
    EXPECT_EQ(asked.head.upgrade, "websocket");
}

TEST(response_parser, e144_refuses_a_101_to_another_protocol) {
    for (const char* lines :
         {"Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: Upgrade\r\n",
          "Upgrade: websocket\r\n", "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n",
          "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n", ""})
        EXPECT_EQ(delivered_response(with_status("101", lines), {.websocket = true}).status(), 502u)
            << lines;
}

TEST(response_parser, e79_answers_without_a_body_have_none_whatever_they_say) {
    for (const char* lines : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
        const delivered_response to_head(ok_with(lines), {.head = true});
        EXPECT_EQ(to_head.head.body, framing::none) << lines;
        EXPECT_TRUE(to_head.head.keep_alive) << lines;
        for (const char* status : {"204", "304"})
            EXPECT_EQ(delivered_response(with_status(status, lines)).head.body, framing::none);
    }
}

TEST(response_parser, e79_keeps_the_length_for_head_and_304_only) {
    EXPECT_EQ(forwarded(delivered_response(ok_with("Content-Length: 5\r\n"), {.head = true}).head),
              "Content-Length");
    EXPECT_EQ(forwarded(delivered_response(with_status("304", "Content-Length: 5\r\n")).head),
              "Content-Length");
    EXPECT_EQ(forwarded(delivered_response(with_status("204", "Content-Length: 5\r\n")).head), "");
    EXPECT_EQ(
        forwarded(delivered_response(with_status("204", "Transfer-Encoding: chunked\r\n")).head),
        "");
}

TEST(response_parser, e82_refuses_ambiguous_framing) {
    for (const char* lines :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
          "Content-Length: +5\r\n", "Content-Length:\r\n", "Content-Length: 5,\r\n",
          "Content-Length: 5\r\nContent-Length:\r\n", "Content-Length: 0x5\r\n",
          "Content-Length: 18446744073709551621\r\n", "Content-Length: 9223372036854775808\r\n",
          "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding:\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\n", "Transfer-Encoding: \"chunked\"\r\n"})
        EXPECT_EQ(delivered_response(ok_with(lines)).status(), 502u) << lines;
    EXPECT_EQ(delivered_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").status(),
              502u);
}

TEST(response_parser, e82_makes_equal_lengths_one) {
    const delivered_response fields(
        ok_with("Content-Length: 5\r\nA: b\r\nContent-Length: 05\r\ncontent-length: 5, 5\r\n"));
    ASSERT_TRUE(fields.is_complete()) << fields.said;
    EXPECT_EQ(fields.head.content_length, 5u);
    EXPECT_EQ(forwarded(fields.head), "Content-Length A");

    const delivered_response list(ok_with("Content-Length: 5, 5\r\n"));
    ASSERT_TRUE(list.is_complete());
    EXPECT_EQ(list.head.fields[0].value, "5");
    EXPECT_FALSE(list.head.fields[0].plain);
}

TEST(response_parser, e83_takes_three_digits_from_100_to_599) {
    for (const char* line : {"HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 299 ", "HTTP/1.1 200",
                             "HTTP/1.1 599 \xe4\xf6", "HTTP/1.1 200 a\tb"})
        EXPECT_TRUE(delivered_response(line + std::string("\r\n\r\n")).is_complete()) << line;
    for (const std::string& line : {std::string("ICY 200 OK"),
                                    std::string("HTTP/1.1 2000 OK"),
                                    std::string("HTTP/1.1 20 OK"),
                                    std::string("HTTP/1.1 000 OK"),
                                    std::string("HTTP/1.1 abc OK"),
                                    std::string("HTTP/1.1 099 x"),
                                    std::string("HTTP/1.1 600 x"),
                                    std::string("HTTP/1.1 999 x"),
                                    std::string("HTTP/1.1  200 OK"),
                                    std::string("HTTP/2 200 OK"),
                                    std::string("HTTP/2.0 200 OK"),
                                    std::string("http/1.1 200 OK"),
                                    std::string("HTTP/1.1\t200 OK"),
                                    std::string("HTTP/1.1 200\tOK"),
                                    std::string("HTTP/1.1 200OK"),
                                    std::string(" HTTP/1.1 200"),
                                    std::string("HTTP/1.1 200 O\x01K"),
                                    bytes_of("HTTP/1.1 200 O\0K"),
                                    std::string("HTTP/1.1 200 O\x7fK"),
                                    std::string("HTTP/1.1 200 O\rK"),
                                    std::string(""),
                                    std::string("<html>"),
                                    std::string("HTTP/1.10 200 OK"),
                                    std::string("HTTP/1.1 -20 OK")})
        EXPECT_EQ(delivered_response(line + "\r\n\r\n").status(), 502u) << line;
}

TEST(response_parser, e84_removes_a_blank_before_the_colon) {
    const delivered_response answer(ok_with("A : b\r\nContent-Length \t: 5\r\n"));
    ASSERT_TRUE(answer.is_complete());
    EXPECT_EQ(answer.head.fields[0].name, "A");
    EXPECT_FALSE(answer.head.fields[0].plain);
    EXPECT_EQ(answer.head.content_length, 5u);
}

TEST(response_parser, e84_joins_folded_lines_by_blanks) {
    const delivered_response answer(
        ok_with("A: b\r\n c\r\n\td\r\nB:\r\n e\r\nC: f\n g\r\nD: h\r\n \r\nE: i\r\n"));
    ASSERT_TRUE(answer.is_complete()) << answer.said;
    const auto& fields = answer.head.fields;
    ASSERT_EQ(fields.size(), 5u);
    EXPECT_EQ(fields[0].value, "b   c  \td");
    EXPECT_EQ(fields[1].value, "e");
    EXPECT_EQ(fields[2].value, "f  g");
    EXPECT_EQ(fields[3].value, "h");
    EXPECT_EQ(fields[4].value, "i");
}

TEST(response_parser, e84_sees_framing_through_a_fold) {
    const delivered_response answer(ok_with("Transfer-Encoding:\r\n chunked\r\n"));
    EXPECT_EQ(answer.head.body, framing::chunked);
}

TEST(response_parser, e84_takes_bare_lf_as_line_end) {
    const delivered_response answer("HTTP/1.1 200 OK\nA: b\nContent-Length: 0\r\n\n");
    ASSERT_TRUE(answer.is_complete()) << answer.said;
    EXPECT_EQ(answer.head.reason, "OK");
    EXPECT_EQ(answer.head.fields[0].value, "b");
    EXPECT_FALSE(answer.head.fields[0].plain);
    EXPECT_TRUE(answer.head.fields[1].plain);
}

TEST(response_parser, e84_refuses_controls_bare_cr_and_names_that_are_no_token) {
    for (const std::string& lines :
         {std::string("A: b\rc\r\n"), std::string("A: b\x01\r\n"), bytes_of("A: b\0\r\n"),
          std::string("A: b\x7f\r\n"), std::string(": b\r\n"), std::string("A\r\n"),
          std::string("A(: b\r\n"), std::string("A B: c\r\n"), std::string("\xe4: b\r\n"),
          std::string(" A: b\r\n"), std::string("\tA: b\r\n"), std::string("A: b\r\r\n"),
          std::string("A\n: b\r\n")})
        EXPECT_EQ(delivered_response(ok_with(lines)).status(), 502u) << lines;
}

TEST(response_parser, e55_refuses_heads_beyond_their_limits) {
    std::string lines;
    for (int i = 0; i < 200; ++i) lines += "A: b\r\n";
    EXPECT_TRUE(delivered_response(ok_with(lines)).is_complete());
    EXPECT_EQ(delivered_response(ok_with(lines + "A: b\r\n")).status(), 502u);

    response_head head;
    const auto of_size = [](std::size_t size) {
        return "HTTP/1.1 200 OK\r\nA: " + std::string(size - 24, 'x') + "\r\n\r\n";
    };
    std::string most = of_size(64 * 1024);
    EXPECT_EQ(parse_response_head(most, {}, head, {}).state, parse_state::complete);
    std::string more = of_size(64 * 1024 + 1);
    EXPECT_EQ(parse_response_head(more, {}, head, {}).why.status, 502u);
}

TEST(response_parser, e86_a_body_without_framing_ends_with_the_connection) {
    const delivered_response answer(ok_with(""));
    EXPECT_EQ(answer.head.body, framing::until_close);
    EXPECT_FALSE(answer.head.keep_alive);
}

TEST(response_parser, e88_drops_hop_by_hop_and_named_fields) {
    const delivered_response answer(
        ok_with("Connection: x-mine, keep-alive\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
                "Content-Length: 0\r\nUpgrade: h2c\r\nProxy-Connection: x\r\nSet-Cookie: a=b\r\n"
                "Set-Cookie: c=d\r\n"));
    EXPECT_EQ(forwarded(answer.head), "Content-Length Set-Cookie Set-Cookie");
    EXPECT_TRUE(answer.head.keep_alive);
}

TEST(response_parser, e81_says_whether_the_servers_connection_lives_on) {
    const auto keeps = [](std::string_view version, std::string_view lines) {
        return delivered_response(std::string(version) + " 200 OK\r\nContent-Length: 0\r\n" +
                                  std::string(lines) + "\r\n")
            .head.keep_alive;
    };
    EXPECT_TRUE(keeps("HTTP/1.1", ""));
    EXPECT_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.0", ""));
    EXPECT_TRUE(keeps("HTTP/1.0", "Connection: keep-alive\r\n"));
}

TEST(response_parser, e2_gives_one_verdict_for_every_cut_at_its_limits) {
    const response_limits small{.head = 50, .fields = 2};
    for (const char* bytes :
         {"HTTP/1.1 200 OKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA: b\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n c\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbb\r\n c\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\nA: b\r\n\r\n"})
        delivered_response(bytes, {}, small);
}

}  // namespace
}  // namespace hawser::http::h1
