// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

unsigned status_with(std::string_view field_lines) {
    return delivered_request(post_with(field_lines)).status();
}

TEST(request_framing, e7_refuses_transfer_encoding_beside_content_length) {
    EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: \r\nTransfer-Encoding: chunked\r\n"), 400u);
}

TEST(request_framing, e8_takes_chunked_in_any_case_with_blanks_around) {
    for (const char* line : {"Transfer-Encoding: chunked", "Transfer-Encoding:chunked",
                             "Transfer-Encoding:\tchunked", "Transfer-Encoding: chunked \t ",
                             "transfer-encoding: CHUNKED", "TRANSFER-ENCODING: Chunked"}) {
        const delivered_request request(post_with(line + std::string("\r\n")));
        ASSERT_TRUE(request.is_complete()) << line << request.said;
        EXPECT_EQ(request.head.body, framing::chunked) << line;
        EXPECT_EQ(request.head.fields.find(field_id::transfer_encoding)->value, "chunked");
    }
}

TEST(request_framing, e9_answers_501_to_codings_it_does_not_know) {
    for (const char* value : {"gzip", "gzip, chunked", "gzip,chunked", "deflate", "x-foo",
                              "gzip, deflate, chunked", "xchunked", "chunkedx", "chunke"})
        EXPECT_EQ(status_with("Transfer-Encoding: " + std::string(value) + "\r\n"), 501u) << value;
}

TEST(request_framing, e9_refuses_codings_that_could_be_read_in_two_ways) {
    for (const std::string& value : {std::string("chunked, gzip"),
                                     std::string("chunked, chunked"),
                                     std::string("chunked,chunked"),
                                     std::string(""),
                                     std::string(","),
                                     std::string(",chunked"),
                                     std::string("chunked,"),
                                     std::string("gzip,,chunked"),
                                     std::string("chunked, "),
                                     std::string("\"chunked\""),
                                     std::string("'chunked"
                                                 "\""),
                                     std::string("chunked;q=1"),
                                     std::string("chunked; a"),
                                     std::string("identity"),
                                     std::string("identity, chunked"),
                                     std::string("chunked, identity"),
                                     std::string("chunked gzip"),
                                     std::string("chunked\x0b"),
                                     std::string("\x0b"
                                                 "chunked"),
                                     std::string("\x0c"
                                                 "chunked"),
                                     bytes_of("chunked\0"),
                                     bytes_of("\0chunked"),
                                     std::string("chunked\x80"),
                                     std::string("\xa0"
                                                 "chunked"),
                                     std::string("chun\xc5\xbf"
                                                 "ed"),
                                     std::string("chun\x7fked"),
                                     std::string("gzip;q=1, chunked"),
                                     std::string("(chunked)")})
        EXPECT_EQ(status_with("Transfer-Encoding: " + value + "\r\n"), 400u) << value;
}

TEST(request_framing, e10_refuses_two_transfer_encodings) {
    EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400u);
    EXPECT_EQ(status_with("Transfer-Encoding: chunked\r\ntransfer-encoding: gzip\r\n"), 400u);
    EXPECT_EQ(status_with("Transfer-Encoding: gzip\r\nA: b\r\nTransfer-Encoding: chunked\r\n"),
              400u);
    EXPECT_EQ(status_with("Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n"), 400u);
}

TEST(request_framing, e11_refuses_transfer_encoding_in_http_1_0) {
    const std::string start = "POST / HTTP/1.0\r\nHost: a\r\n";
    for (const char* more : {"", "Content-Length: 5\r\n", "Connection: keep-alive\r\n"}) {
        EXPECT_EQ(
            delivered_request(start + "Transfer-Encoding: chunked\r\n" + more + "\r\n").status(),
            400u);
        EXPECT_EQ(delivered_request(start + "Transfer-Encoding: gzip\r\n" + more + "\r\n").status(),
                  400u);
    }
}

TEST(request_framing, e12_takes_decimal_lengths_and_nothing_else) {
    for (const std::string& value : {std::string("+5"),
                                     std::string("-5"),
                                     std::string("-0"),
                                     std::string("0x5"),
                                     std::string("5.0"),
                                     std::string("1e1"),
                                     std::string("1_0"),
                                     std::string("\"5\""),
                                     std::string("5;"),
                                     std::string("5z"),
                                     std::string("5 5"),
                                     std::string("5\t5"),
                                     std::string(""),
                                     std::string("  "),
                                     bytes_of("5\0"),
                                     bytes_of("\0"
                                              "5"),
                                     std::string("5\x0b"),
                                     std::string("\xd9\xa5"),
                                     std::string("\xef\xbc\x95"),
                                     std::string("5,"),
                                     std::string(",5"),
                                     std::string("5, 5"),
                                     std::string("five"),
                                     std::string("0b1"),
                                     std::string("0o5"),
                                     std::string("5\x80")})
        EXPECT_EQ(status_with("Content-Length: " + value + "\r\n"), 400u) << value;
}

TEST(request_framing, e12_drops_leading_zeros) {
    const delivered_request request(post_with("Content-Length: 010\r\n"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.content_length, 10u);
    const field* length = request.head.fields.find(field_id::content_length);
    EXPECT_EQ(length->value, "10");
    EXPECT_FALSE(length->plain);
    EXPECT_EQ(delivered_request(post_with("Content-Length: 0000000000000000000000000007\r\n"))
                  .head.content_length,
              7u);
    EXPECT_EQ(delivered_request(post_with("Content-Length: 000\r\n")).head.content_length, 0u);
}

TEST(request_framing, e12_ends_at_the_largest_signed_length) {
    const delivered_request most(post_with("Content-Length: 9223372036854775807\r\n"));
    ASSERT_TRUE(most.is_complete());
    EXPECT_EQ(most.head.content_length, 9223372036854775807U);
    EXPECT_EQ(status_with("Content-Length: 9223372036854775808\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 9999999999999999999\r\n"), 400u);
}

TEST(request_framing, e13_refuses_several_lengths_equal_or_not) {
    EXPECT_EQ(status_with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5\r\nA: b\r\ncontent-length: 5\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5, 6\r\n"), 400u);
}

TEST(request_framing, e14_refuses_an_empty_length_beside_a_valid_one) {
    EXPECT_EQ(status_with("Content-Length:\r\nContent-Length: 5\r\n"), 400u);
    EXPECT_EQ(status_with("Content-Length: 5\r\nContent-Length: \r\n"), 400u);
}

TEST(request_framing, e15_never_wraps_a_length) {
    for (const char* value :
         {"18446744073709551621", "9223372036854775813", "340282366920938463463374607431768211461"})
        EXPECT_EQ(status_with("Content-Length: " + std::string(value) + "\r\n"), 400u) << value;
    EXPECT_EQ(delivered_request(post_with("Content-Length: 4294967301\r\n")).head.content_length,
              4294967301u);
}

TEST(request_framing, e16_takes_a_message_without_either_as_bodiless) {
    const delivered_request request(post_with("") + "GET /smuggled HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.body, framing::none);
    EXPECT_FALSE(request.head.has_body());
    EXPECT_EQ(request.said.consumed, post_with("").size());
}

TEST(request_framing, e17_frames_a_body_whatever_the_method) {
    for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS", "BREW"}) {
        const std::string start = std::string(method) + " / HTTP/1.1\r\nHost: a\r\n";
        EXPECT_EQ(delivered_request(start + "Content-Length: 3\r\n\r\n").head.content_length, 3u);
        EXPECT_EQ(delivered_request(start + "Transfer-Encoding: chunked\r\n\r\n").head.body,
                  framing::chunked);
    }
}

TEST(request_framing, e18_cannot_be_undone_by_connection) {
    const delivered_request request(
        post_with("Connection: content-length, host, transfer-encoding\r\nContent-Length: 3\r\n"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.content_length, 3u);
    EXPECT_FALSE(request.head.fields.find(field_id::content_length)->hop_by_hop);
    EXPECT_FALSE(request.head.fields.find(field_id::host)->hop_by_hop);
}

TEST(request_framing, e77_expects_100_only_with_a_body_in_http_1_1) {
    const auto expecting = [](std::string_view version, std::string_view more) {
        return delivered_request("POST / " + std::string(version) +
                                 "\r\nHost: a\r\nExpect: 100-Continue\r\n" + std::string(more) +
                                 "\r\n")
            .head.expect_continue;
    };
    EXPECT_TRUE(expecting("HTTP/1.1", "Content-Length: 5\r\n"));
    EXPECT_TRUE(expecting("HTTP/1.1", "Transfer-Encoding: chunked\r\n"));
    EXPECT_FALSE(expecting("HTTP/1.1", "Content-Length: 0\r\n"));
    EXPECT_FALSE(expecting("HTTP/1.1", ""));
    EXPECT_FALSE(expecting("HTTP/1.0", "Content-Length: 5\r\n"));
}

TEST(request_framing, e77_does_not_forward_an_expect_that_it_ignores) {
    const delivered_request ignored(get_with("Expect: 100-continue\r\n"));
    EXPECT_TRUE(ignored.head.fields.find(field_id::expect)->hop_by_hop);
    const delivered_request meant(post_with("Expect: 100-continue\r\nContent-Length: 5\r\n"));
    EXPECT_FALSE(meant.head.fields.find(field_id::expect)->hop_by_hop);
}

TEST(request_framing, e78_answers_417_to_any_other_expectation) {
    for (const char* value : {"200-maybe", "y 100-continue", "100-continue, x", "", "100-continue;",
                              "100-continue, 100-continue", "100"})
        EXPECT_EQ(status_with("Expect: " + std::string(value) + "\r\nContent-Length: 5\r\n"), 417u)
            << value;
    EXPECT_EQ(status_with("Expect: 100-continue\r\nExpect: x\r\nContent-Length: 5\r\n"), 417u);
}

}  // namespace
}  // namespace hawser::http::h1
