// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

unsigned status_with(std::string_view field_lines, const request_limits& limits = {}) {
    return delivered_request(get_with(field_lines), limits).status();
}

TEST(request_host, e41_is_demanded_once_in_http_1_1) {
    EXPECT_EQ(delivered_request("GET / HTTP/1.1\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET / HTTP/1.1\r\nA: b\r\n\r\n").status(), 400u);
    EXPECT_EQ(status_with("Host: a\r\n"), 400u);
    EXPECT_EQ(status_with("hOST: b\r\n"), 400u);
    EXPECT_EQ(status_with("Host:\r\n"), 400u);
    EXPECT_EQ(delivered_request("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").status(), 400u);
}

TEST(request_host, e42_is_a_host_with_a_port_at_most) {
    const auto status = [](const std::string& host) {
        return delivered_request("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").said;
    };
    for (const char* host : {"a", "a.example", "a.example:80", "127.0.0.1:8080", "[::1]",
                             "[2001:db8::1]:443", "a_b.example", "a.example.", "a:0", "a:65535"})
        EXPECT_EQ(status(host).state, parse_state::complete) << host;
    for (const std::string& host :
         {std::string("a b"),       std::string("a,b"),      std::string("a/b"),
          std::string("u@a"),       std::string("a?b"),      std::string("a#b"),
          std::string("a\\b"),      bytes_of("a\0"),         std::string("a:"),
          std::string("a:x"),       std::string("a:80:80"),  std::string("a:65536"),
          std::string("a:-1"),      std::string("a:+1"),     std::string(":80"),
          std::string("[::1"),      std::string("[::1]x"),   std::string("[:::1]"),
          std::string("[1.2.3.4]"), std::string("[]"),       std::string("::1"),
          std::string("a\x80"),     std::string("http://a"), std::string("a\"b"),
          std::string("<a>"),       std::string("a%zz"),     std::string("a%"),
          std::string("[::1]:"),    std::string("a:999999"), std::string("a\tb")})
        EXPECT_EQ(status(host).status, 400u) << host;
}

TEST(request_host, e43_may_be_missing_in_http_1_0_but_not_empty) {
    const delivered_request without("GET / HTTP/1.0\r\n\r\n");
    ASSERT_TRUE(without.is_complete());
    EXPECT_EQ(without.head.host, "");
    EXPECT_FALSE(without.head.has_host_field);
    EXPECT_EQ(delivered_request("GET / HTTP/1.0\r\nHost:\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET / HTTP/1.1\r\nHost: \r\n\r\n").status(), 400u);
}

TEST(request_host, e44_is_given_as_received) {
    const delivered_request request("GET / HTTP/1.1\r\nHost: Shop.Example.:80\r\n\r\n");
    EXPECT_EQ(request.head.host, "Shop.Example.:80");
}

TEST(request_fields, e45_refuses_a_blank_before_the_colon) {
    for (const char* line : {"A : b", "A\t: b", "Content-Length : 5", "Transfer-Encoding : chunked",
                             "Host : a", "A B: c"})
        EXPECT_EQ(status_with(line + std::string("\r\n")), 400u) << line;
}

TEST(request_fields, e46_refuses_names_that_are_no_token) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        const bool may = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                         (byte >= 'A' && byte <= 'Z') ||
                         (byte != 0 && std::string_view("!#$%&'*+-.^_`|~").contains(c));
        if (c == ':') continue;
        for (const std::string& name :
             {std::string(1, c), "x-quite-a-long-name" + std::string(1, c) + "x"}) {
            const delivered_request request(get_with(name + ": v\r\n"));
            EXPECT_EQ(request.status(), may ? 0u : 400u) << byte;
        }
    }
    for (const char* line : {": b", "A", "no colon here", "a(b): c", ":", "A;: x", "\"A\": b"})
        EXPECT_EQ(status_with(line + std::string("\r\n")), 400u) << line;
}

TEST(request_fields, e47_refuses_controls_in_values_and_passes_obs_text) {
    for (int byte = 0; byte < 256; ++byte) {
        const bool may = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        const delivered_request request(
            get_with("A: some text before " + std::string(1, static_cast<char>(byte)) + "b\r\n"));
        EXPECT_EQ(request.status(), may ? 0u : 400u) << byte;
    }
    const delivered_request request(get_with("A: \x80\xff\xc3\xa4\r\n"));
    EXPECT_EQ(request.head.fields[1].value, "\x80\xff\xc3\xa4");
}

TEST(request_fields, e48_refuses_folded_lines) {
    for (const char* lines : {"A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A: b\r\n \r\n",
                              "Transfer-Encoding:\r\n chunked\r\n", "A:\r\n b\r\n"})
        EXPECT_EQ(status_with(lines), 400u) << lines;
    EXPECT_EQ(delivered_request("GET / HTTP/1.1\r\n Host: a\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n").status(), 400u);
}

TEST(request_fields, e49_ends_lines_with_crlf_only) {
    for (const char* bytes :
         {"GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
          "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: b\n\n",
          "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n\rX", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
          "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\rY: c\r\n\r\n"})
        EXPECT_EQ(delivered_request(bytes).status(), 400u) << bytes;
}

TEST(request_fields, e50_trims_blanks_and_keeps_empty_values) {
    const delivered_request request(
        get_with("A:b\r\nB: \t b \t\r\nC:\r\nD: \r\nE: x  y\r\nF: plain\r\n"));
    ASSERT_TRUE(request.is_complete());
    const auto& fields = request.head.fields;
    ASSERT_EQ(fields.size(), 7u);
    EXPECT_EQ(fields[1].value, "b");
    EXPECT_FALSE(fields[1].plain);
    EXPECT_EQ(fields[2].value, "b");
    EXPECT_FALSE(fields[2].plain);
    EXPECT_EQ(fields[3].value, "");
    EXPECT_EQ(fields[4].value, "");
    EXPECT_EQ(fields[5].value, "x  y");
    EXPECT_TRUE(fields[6].plain);
    EXPECT_EQ(fields[6].line, "F: plain\r\n");
}

TEST(request_fields, e51_refuses_look_alikes_of_reserved_names) {
    for (const char* name :
         {"Content_Length", "content_length", "Transfer_Encoding", "TRANSFER_ENCODING",
          "X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-Proto", "X_Forwarded_Anything",
          "X_Real_IP", "Hawser_Session", "Max_Forwards", "Keep_Alive", "X_Forwarded_Host"})
        EXPECT_EQ(status_with(std::string(name) + ": 1\r\n"), 400u) << name;
    for (const char* name : {"my_field", "X_Custom", "_", "a_", "Content_Type_", "Content__Length"})
        EXPECT_EQ(status_with(std::string(name) + ": 1\r\n"), 0u) << name;
}

TEST(request_fields, e51_drops_or_refuses_all_underscores_where_it_is_set) {
    const request_limits drop{.underscores = underscore_policy::drop};
    for (const char* name : {"my_field", "Content_Length", "Hawser-a_b", "X-Forwarded-a_b"}) {
        const delivered_request request(get_with(std::string(name) + ": 1\r\n"), drop);
        ASSERT_TRUE(request.is_complete()) << name;
        EXPECT_TRUE(request.head.fields[1].hop_by_hop) << name;
        EXPECT_EQ(
            status_with(std::string(name) + ": 1\r\n", {.underscores = underscore_policy::refuse}),
            400u)
            << name;
    }
}

TEST(request_fields, e52_keeps_their_order) {
    const delivered_request request(get_with("B: 1\r\nA: 2\r\nB: 3\r\na: 4\r\n"));
    std::string all;
    for (const field& each : request.head.fields) all.append(each.name).append(each.value);
    EXPECT_EQ(all, "HostaB1A2B3a4");
}

TEST(request_limits, e53_refuses_a_head_above_32_kib) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nA: ";
    const auto of_size = [&](std::size_t size) {
        return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
    };
    request_head head;
    EXPECT_EQ(parse_request_head(of_size(32 * 1024), head, {}).state, parse_state::complete);
    EXPECT_EQ(parse_request_head(of_size(32 * 1024 + 1), head, {}).why.status, 431u);
    const std::string endless = start + std::string(64 * 1024, 'x');
    EXPECT_EQ(parse_request_head(endless, head, {}).why.status, 431u);
    const std::string_view known = endless;
    EXPECT_EQ(parse_request_head(known.substr(0, 32 * 1024 - 1), head, {}).state,
              parse_state::incomplete);
    EXPECT_EQ(parse_request_head(known.substr(0, 32 * 1024), head, {}).why.status, 431u);
}

TEST(request_limits, e53_refuses_the_field_beyond_the_hundredth) {
    std::string lines;
    for (int i = 0; i < 99; ++i) lines += "A: b\r\n";
    EXPECT_EQ(status_with(lines), 0u);
    EXPECT_EQ(status_with(lines + "A: b\r\n"), 431u);
}

TEST(request_limits, e53_answers_414_to_a_line_above_16_kib) {
    const auto of_line = [](std::size_t size) {
        return "GET /" + std::string(size - 14, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    request_head head;
    EXPECT_EQ(parse_request_head(of_line(8000), head, {}).state, parse_state::complete);
    EXPECT_EQ(parse_request_head(of_line(16 * 1024), head, {}).state, parse_state::complete);
    EXPECT_EQ(parse_request_head(of_line(16 * 1024 + 1), head, {}).why.status, 414u);
    EXPECT_EQ(parse_request_head("GET /" + std::string(40000, 'x'), head, {}).why.status, 414u);
}

TEST(request_limits, e2_give_one_verdict_for_every_cut) {
    const request_limits small{.head = 60, .line = 30, .fields = 2};
    for (const char* bytes :
         {"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /aaaaaaaaaaaaaaaa\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /aaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /aaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /aaaaaaaaaaaaaaaaaaaaaaaa\x01\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA: b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nAAA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\x01\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nB: c\r\n\r\n",
          "\r\nGET / HTTP/1.1\r\nHost: a\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n"})
        delivered_request(bytes, small);
}

TEST(request_limits, worth_parsing_sees_line_ends_and_limits) {
    const request_limits limits{.head = 100, .line = 50};
    EXPECT_FALSE(worth_parsing("", 0, limits));
    EXPECT_FALSE(worth_parsing("GET / HT", 3, limits));
    EXPECT_TRUE(worth_parsing("GET / HTTP/1.1\r\n", 1, limits));
    EXPECT_FALSE(worth_parsing("GET / HTTP/1.1\r\nHo", 2, limits));
    EXPECT_TRUE(worth_parsing(std::string(50, 'x'), 1, limits));
    EXPECT_FALSE(worth_parsing(std::string(51, 'x'), 1, limits));
    EXPECT_TRUE(worth_parsing(std::string(100, 'x'), 1, limits));
}

}  // namespace
}  // namespace hawser::http::h1
