// SPDX-License-Identifier: Apache-2.0
#include "http/compression/negotiation.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "http/h1/parser.h"

namespace hawser::http::compression {
namespace {

constexpr std::array<std::string_view, 3> offered{"zstd", "br", "gzip"};

wish of(const std::string& fields, const std::string& version = "HTTP/1.1") {
    const auto bytes = "GET / " + version + "\r\nHost: a\r\n" + fields + "\r\n";
    const auto head = std::make_unique<request_head>();
    EXPECT_EQ(h1::parse_request_head(bytes, *head, {}).state, h1::parse_state::complete) << bytes;
    return wish_of(*head, offered);
}

std::string coding_of(const std::string& accepted) {
    const auto asked = of("Accept-Encoding: " + accepted + "\r\n");
    return asked.coding ? std::string(offered[*asked.coding]) : "none";
}

TEST(negotiation, chooses_what_a_client_wants_most_and_of_equals_the_first) {
    EXPECT_EQ(coding_of("gzip, deflate, br, zstd"), "zstd");
    EXPECT_EQ(coding_of("gzip, deflate, br"), "br");
    EXPECT_EQ(coding_of("gzip;q=1.0, br;q=0.9, zstd;q=0.5"), "gzip");
    EXPECT_EQ(coding_of("zstd;q=0, *;q=0.5"), "br");
    EXPECT_EQ(coding_of("*"), "zstd");
    EXPECT_EQ(coding_of("gzip\r\nAccept-Encoding: br"), "br");
}

TEST(negotiation, chooses_none_where_none_is_wanted) {
    EXPECT_FALSE(of("").coding.has_value());
    EXPECT_EQ(coding_of(""), "none");
    EXPECT_EQ(coding_of("deflate, identity"), "none");
    EXPECT_EQ(coding_of("gzip;q=0, br;q=0.0"), "none");
    EXPECT_EQ(coding_of("*;q=0"), "none");
    EXPECT_EQ(coding_of("gzip;q=0.5, identity"), "none");
    EXPECT_EQ(coding_of("gzip;q=2"), "none");
}

const policy texts{.types = {"text/*", "application/json"}, .size_min = 100};

verdict judged(const std::string& fields, const policy& by = texts,
               const std::string& asked = "Accept-Encoding: gzip\r\n", bool carries_mark = false,
               unsigned status = 200, bool to_head = false) {
    auto bytes = "HTTP/1.1 " + std::to_string(status) + " X\r\n" + fields + "\r\n";
    const auto head = std::make_unique<response_head>();
    EXPECT_EQ(h1::parse_response_head(bytes, {.head = to_head}, *head, {}).state,
              h1::parse_state::complete)
        << bytes;
    return judge(*head, by, of(asked), carries_mark);
}

const std::string html = "Content-Type: text/html; charset=utf-8\r\n";
const std::string long_html = html + "Content-Length: 100\r\n";

TEST(negotiation, compresses_what_the_policy_lists) {
    EXPECT_EQ(judged(long_html), verdict::applies);
    EXPECT_EQ(judged("Content-Type: Application/JSON\r\nTransfer-Encoding: chunked\r\n"),
              verdict::applies);
    EXPECT_EQ(judged("Content-Type: image/png\r\nContent-Length: 1000\r\n"), verdict::never);
    EXPECT_EQ(judged("Content-Type: textual/html\r\nContent-Length: 1000\r\n"), verdict::never);
    EXPECT_EQ(judged("Content-Length: 1000\r\n"), verdict::never);
}

TEST(negotiation, leaves_small_bodies_alone) {
    EXPECT_EQ(judged(html + "Content-Length: 99\r\n"), verdict::never);
    EXPECT_EQ(judged(html + "Content-Length: 99\r\n", texts, "Accept-Encoding: gzip\r\n", false,
                     200, true),
              verdict::never);
    EXPECT_EQ(judged(long_html, texts, "Accept-Encoding: gzip\r\n", false, 200, true),
              verdict::applies);
}

TEST(negotiation, never_touches_what_is_no_whole_plain_body) {
    for (const unsigned status : {204u, 205u, 206u, 301u, 304u})
        EXPECT_EQ(judged(long_html, texts, "Accept-Encoding: gzip\r\n", false, status),
                  verdict::never)
            << status;
    EXPECT_EQ(judged(long_html, texts, "Accept-Encoding: gzip\r\n", false, 404), verdict::applies);
    for (const auto* field :
         {"Content-Encoding: gzip", "Content-Range: bytes 0-99/200", "Content-MD5: x",
          "Digest: sha-256=x", "Repr-Digest: x", "Cache-Control: no-transform",
          "Cache-Control: max-age=1, No-Transform"})
        EXPECT_EQ(judged(long_html + field + "\r\n"), verdict::never) << field;
}

TEST(negotiation, never_touches_secrets_unless_told_to) {
    auto careless = texts;
    careless.with_secrets = true;
    for (const auto* field :
         {"Set-Cookie: a=b", "Cache-Control: private", "Cache-Control: max-age=0, no-store",
          "Cache-Control: private=\"x\""}) {
        EXPECT_EQ(judged(long_html + field + "\r\n"), verdict::never) << field;
        EXPECT_EQ(judged(long_html + field + "\r\n", careless), verdict::applies) << field;
    }
    const std::string authorized = "Authorization: Basic eDp5\r\nAccept-Encoding: gzip\r\n";
    EXPECT_EQ(judged(long_html, texts, authorized), verdict::varies);
    EXPECT_EQ(judged(long_html, careless, authorized), verdict::applies);
    EXPECT_EQ(judged(long_html, texts, "Accept-Encoding: gzip\r\n", true), verdict::varies);
}

TEST(negotiation, tells_caches_of_what_others_would_get) {
    EXPECT_EQ(judged(long_html, texts, ""), verdict::varies);
    EXPECT_EQ(judged(long_html, texts, "Accept-Encoding: gzip\r\nRange: bytes=0-5\r\n"),
              verdict::varies);
}

}  // namespace
}  // namespace hawser::http::compression
