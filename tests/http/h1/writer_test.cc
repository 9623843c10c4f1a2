// SPDX-License-Identifier: Apache-2.0
#include "http/h1/writer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

/// `request` as a forwarder writes it that adds nothing, into a buffer of just the promised size.
std::string rewritten(const request_head& head) {
    std::vector<char> out(rewritten_head_max(head));
    head_writer writer(out);
    writer.request_line(head);
    for (const field& each : head.fields)
        if (!each.hop_by_hop) writer.keep(each);
    return std::string(writer.finish());
}

TEST(head_writer, e1_writes_every_line_anew) {
    const delivered_request request(
        "\r\nGET http://a?x HTTP/1.0\r\nHost:a\r\nA: b\r\nB:c\t\r\nConnection: x\r\nX: 1\r\nC: d\r\n"
        "content-length:\t007 \r\n\r\n");
    ASSERT_TRUE(request.is_complete()) << request.said;
    EXPECT_EQ(rewritten(request.head),
              "GET /?x HTTP/1.1\r\nHost: a\r\nA: b\r\nB: c\r\nC: d\r\ncontent-length: 7\r\n\r\n");
}

TEST(head_writer, e1_writes_one_spelling_of_chunked) {
    const delivered_request request(post_with("Transfer-Encoding:  ChunkeD\r\n"));
    EXPECT_EQ(rewritten(request.head),
              "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(head_writer, e37_forwards_the_path_byte_for_byte) {
    const delivered_request request("GET /a%2e%2E//b%2F../?%00 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(rewritten(request.head).starts_with("GET /a%2e%2E//b%2F../?%00 HTTP/1.1\r\n"));
}

TEST(head_writer, e52_never_joins_set_cookie_lines) {
    const delivered_response answer(
        "HTTP/1.1 200 OK\nSet-Cookie: a=b\r\nSet-Cookie:c=d\r\nContent-Length: 0\r\n\r\n");
    std::vector<char> out(rewritten_head_max(answer.head));
    head_writer writer(out);
    writer.status_line(answer.head.status, answer.head.reason);
    for (const field& each : answer.head.fields) writer.keep(each);
    EXPECT_EQ(writer.finish(),
              "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n");
}

TEST(head_writer, puts_added_fields_between_runs) {
    const delivered_request request(get_with("A: 1\r\nB: 2\r\nC: 3\r\n"));
    std::array<char, 256> out;
    head_writer writer(out);
    writer.request_line(request.head);
    writer.keep(request.head.fields[0]);
    writer.keep(request.head.fields[1]);
    writer.add("X-Forwarded-For", "1.2.3.4", ", 5.6.7.8");
    writer.keep(request.head.fields[2]);
    writer.keep(request.head.fields[3]);
    writer.add("Max-Forwards", 41);
    writer.add_lines("D: 4\r\nE: 5\r\n");
    EXPECT_EQ(writer.finish(),
              "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n"
              "B: 2\r\nC: 3\r\nMax-Forwards: 41\r\nD: 4\r\nE: 5\r\n\r\n");
}

TEST(head_writer, returns_nothing_when_the_buffer_is_too_small) {
    const delivered_request request(get_with("A: 1\r\nB:2\r\n"));
    const std::string whole = rewritten(request.head);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::vector<char> out(size);
        head_writer writer(out);
        writer.request_line(request.head);
        for (const field& each : request.head.fields) writer.keep(each);
        EXPECT_EQ(writer.finish().size(), size == whole.size() ? size : 0) << size;
    }
}

TEST(head_writer, e152_keeps_other_cookies_and_vanishes_when_left_empty) {
    const delivered_request request(
        get_with("Cookie: a=1; mine=x; b=2\r\nCookie: mine=y\r\ncookie: c=3\r\nD: e\r\n"));
    std::vector<char> out(rewritten_head_max(request.head));
    head_writer writer(out);
    writer.request_line(request.head);
    for (const field& each : request.head.fields) writer.keep_cookies_but("mine", each);
    EXPECT_EQ(writer.finish(),
              "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=2\r\ncookie: c=3\r\nD: e\r\n\r\n");
}

TEST(head_writer, e152_leaves_a_cookie_field_without_ours_as_it_is) {
    const delivered_request request(
        get_with("Cookie: a=1\r\nCookie:b=2; minex=3\r\nCookie: ;\r\nCookie:\r\n"));
    std::vector<char> out(rewritten_head_max(request.head));
    head_writer writer(out);
    writer.request_line(request.head);
    for (const field& each : request.head.fields)
        if (each.id == field_id::cookie) writer.keep_cookies_but("mine", each);
    EXPECT_EQ(writer.finish(),
              "GET / HTTP/1.1\r\nCookie: a=1\r\nCookie: b=2; minex=3\r\nCookie: ;\r\nCookie: "
              "\r\n\r\n");
}

TEST(chunk_head, is_the_size_in_hex) {
    EXPECT_EQ(chunk_head(0).text(), "0\r\n");
    EXPECT_EQ(chunk_head(0x5a).text(), "5a\r\n");
    EXPECT_EQ(chunk_head(UINT64_MAX).text(), "ffffffffffffffff\r\n");
}

TEST(own_answer, e6_holds_a_short_text_and_nothing_of_ours) {
    std::array<char, own_answer_max> out;
    EXPECT_EQ(write_answer({.status = 400, .date = "Sun, 06 Nov 1994 08:49:37 GMT"}, out),
              "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Content-Type: text/plain\r\nContent-Length: 12\r\nConnection: close\r\n\r\n"
              "Bad Request\n");
}

TEST(own_answer, e73_says_when_to_come_back) {
    std::array<char, own_answer_max> out;
    EXPECT_EQ(write_answer({.status = 503, .close = false, .retry_after = 5}, out),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
              "Content-Length: 20\r\nRetry-After: 5\r\n\r\nService Unavailable\n");
}

TEST(own_answer, answers_head_without_its_body) {
    std::array<char, own_answer_max> out;
    const std::string_view answer =
        write_answer({.status = 405, .without_body = true, .allow = "GET, HEAD"}, out);
    EXPECT_TRUE(answer.contains("Content-Length: 19\r\nAllow: GET, HEAD\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace hawser::http::h1
