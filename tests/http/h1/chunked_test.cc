// SPDX-License-Identifier: Apache-2.0
#include "http/h1/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hawser::http::h1 {
namespace {

/// What a decoder made of a stream of bytes.
struct decoded {
    std::string payload = {};
    std::string trailers = {};
    std::size_t consumed = 0;
    bool done = false;
    unsigned status = 0;
    std::string cause = {};

    friend bool operator==(const decoded&, const decoded&) = default;
};

std::ostream& operator<<(std::ostream& out, const decoded& d) {
    return out << "payload '" << d.payload << "' trailers '" << d.trailers << "' consumed "
               << d.consumed << (d.done ? " done " : " ") << d.status << ' ' << d.cause;
}

/// Delivers `stream` in pieces of `piece` bytes, the first one of `first`.
decoded decode_in_pieces(std::string_view stream, std::size_t first, std::size_t piece,
                         const chunked_limits& limits) {
    chunked_decoder decoder(limits);
    decoded all;
    for (std::size_t at = 0; at < stream.size() && !all.done && all.status == 0;) {
        const std::string_view text = stream.substr(at, at == 0 ? first : piece);
        std::vector<char> in(text.begin(), text.end());
        const body_step step = decoder.decode(in);
        all.payload.append(step.payload.data(), step.payload.size());
        all.consumed += step.consumed;
        at += text.size();
        all.done = step.done;
        if (step.why) {
            all.status = step.why->status;
            all.cause = step.why->cause;
        } else if (!step.done) {
            EXPECT_EQ(step.consumed, text.size());
        }
    }
    if (all.done) all.trailers = decoder.trailers();
    return all;
}

/// Decodes at once, cut once at every point, and byte by byte; insists on one outcome (E2).
decoded decode(std::string_view stream, const chunked_limits& limits = {}) {
    const decoded at_once = decode_in_pieces(stream, stream.size(), 1, limits);
    for (std::size_t cut = 1; cut < stream.size(); ++cut)
        EXPECT_EQ(decode_in_pieces(stream, cut, stream.size(), limits), at_once)
            << "cut at " << cut;
    EXPECT_EQ(decode_in_pieces(stream, 1, 1, limits), at_once) << "byte by byte";
    return at_once;
}

TEST(chunked_decoder, joins_chunks_and_leaves_what_follows) {
    const decoded body =
        decode("5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
    EXPECT_TRUE(body.done);
    EXPECT_EQ(body.payload, "hello world");
    EXPECT_EQ(body.consumed, 31u);
}

TEST(chunked_decoder, gives_the_payload_where_its_first_byte_stood) {
    std::string in = "5\r\nhello\r\n1\r\n!\r\n";
    chunked_decoder decoder;
    const body_step step = decoder.decode(in);
    EXPECT_EQ(step.payload.data(), in.data() + 3);
    EXPECT_EQ(std::string_view(step.payload.data(), step.payload.size()), "hello!");
}

TEST(chunked_decoder, e20_takes_one_to_sixteen_hex_digits) {
    EXPECT_EQ(decode("a\r\n0123456789\r\n0\r\n\r\n").payload, "0123456789");
    EXPECT_EQ(decode("A\r\n0123456789\r\n0\r\n\r\n").payload, "0123456789");
    EXPECT_EQ(decode("0000000000000003\r\nabc\r\n0000000000000000\r\n\r\n").payload, "abc");
    for (const char* size : {"0x5", "+5", "-5", "0_5", "Z", "5g", "", " 5", "\t5", ";a=b",
                             "00000000000000003", "-0", "0_2e", "5.", "\"5\"", "g"}) {
        const decoded body = decode(std::string(size) + "\r\nhello\r\n0\r\n\r\n");
        EXPECT_EQ(body.status, 400u) << size;
        EXPECT_EQ(body.payload, "") << size;
    }
}

TEST(chunked_decoder, e20_ends_at_the_largest_signed_size) {
    const decoded most = decode("7fffffffffffffff\r\nabc");
    EXPECT_EQ(most.status, 0u);
    EXPECT_EQ(most.payload, "abc");
    EXPECT_EQ(decode("8000000000000000\r\nabc").status, 400u);
    EXPECT_EQ(decode("ffffffffffffffff\r\nabc").status, 400u);
}

TEST(chunked_decoder, e15_never_wraps_a_size) {
    for (const char* size : {"10000000000000005", "8000000000000005", "100000000000000005"})
        EXPECT_EQ(decode(std::string(size) + "\r\nhello\r\n").status, 400u) << size;
    EXPECT_EQ(decode("100000005\r\nhello\r\n0\r\n\r\n").payload, "hello\r\n0\r\n\r\n");
}

TEST(chunked_decoder, e21_ends_a_size_line_by_crlf_only) {
    for (const char* stream :
         {"5\nhello\r\n0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5\rX\nhello\r\n", "5\r\rhello\r\n",
          "5;a\nhello\r\n", "5;a\rhello\r\n", "5;a=\"b\nhello\r\n", "5;a=\"b\r\nhello\r\n", "0\n\n",
          "0\r\r\n", "5;\nhello"})
        EXPECT_EQ(decode(stream).status, 400u) << stream;
}

TEST(chunked_decoder, e22_demands_crlf_after_the_data) {
    for (const char* stream :
         {"5\r\nhelloXX0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello world\r\n0\r\n\r\n",
          "5\r\nhello0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5\r\nhello\n\r0\r\n\r\n"})
        EXPECT_EQ(decode(stream).status, 400u) << stream;
}

TEST(chunked_decoder, e23_checks_extensions_and_forgets_them) {
    for (const char* extension :
         {";a", ";a=b", "; a=b", ";a=\"b c\"", ";a=b;c;d=\"\\\"x\"", ";a=\"\xe4\""}) {
        const decoded body = decode("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n");
        EXPECT_TRUE(body.done) << extension << body;
        EXPECT_EQ(body.payload, "hello") << extension;
    }
    for (const std::string& extension :
         {std::string(";"), std::string(";="), std::string(";=b"), std::string(";a="),
          std::string(";a=b c"), std::string(";a=\"b"), std::string(";a=\"b\"c"), std::string(";;"),
          std::string(";a\x01"), std::string(";a=\"\x01\""), std::string(";a=\"\\\r\n\""),
          std::string(";a=\"", 4) + '\0' + "\"", std::string(";\xe4"), std::string(";a=b=c"),
          std::string(";a@b")})
        EXPECT_EQ(decode("5" + extension + "\r\nhello\r\n0\r\n\r\n").status, 400u) << extension;
}

TEST(chunked_decoder, e23_bounds_the_extensions_of_a_chunk_and_of_a_body) {
    EXPECT_TRUE(decode("1;" + std::string(255, 'a') + "\r\nx\r\n0\r\n\r\n").done);
    EXPECT_EQ(decode("1;" + std::string(256, 'a') + "\r\nx\r\n0\r\n\r\n").status, 400u);
    std::string body;
    for (int i = 0; i < 100; ++i) body += "1;" + std::string(200, 'a') + "\r\nx\r\n";
    const decoded all = decode_in_pieces(body, body.size(), 1, {});
    EXPECT_EQ(all.cause, "chunk-extension-too-long");
    EXPECT_GE(all.consumed, 16u * 1024u);
    EXPECT_LT(all.consumed, 18u * 1024u);
}

TEST(chunked_decoder, e24_refuses_a_blank_between_size_and_line_end) {
    for (const char* stream : {"5 \r\nhello\r\n", "5\t\r\nhello\r\n", "5 ;a\r\nhello\r\n",
                               "5;a \r\nhello\r\n", "5;a=b \r\nhello\r\n", "0 \r\n\r\n"})
        EXPECT_EQ(decode(stream).status, 400u) << stream;
}

TEST(chunked_decoder, e25_takes_nothing_but_trailers_after_the_last_chunk) {
    for (const char* stream :
         {"0\r\nX", "0\r\n\n", "0\r\n\rX", "\r\n0\r\n\r\n", "0\r\njunk\r\n\r\n",
          "5\r\nhello\r\n\r\n0\r\n\r\n", "0\r\nA: b\n\r\n", "0\r\nA: b\r\n\n"})
        EXPECT_TRUE(decode(stream).status == 400u || !decode(stream).done) << stream;
    EXPECT_EQ(decode("\r\n0\r\n\r\n").status, 400u);
    EXPECT_EQ(decode("0\r\njunk\r\n\r\n").status, 400u);
}

TEST(chunked_decoder, e26_keeps_trailers_apart_and_drops_dangerous_ones) {
    const decoded body = decode(
        "0\r\nX-Sum:abc \r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: b\r\n"
        "Trailer: x\r\nAuthorization: y\r\nCookie: z\r\nConnection: close\r\n"
        "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Foo: 1\r\nContent_Length: 3\r\n"
        "grpc-status: 0\r\nEmpty:\r\n\r\n");
    EXPECT_TRUE(body.done) << body;
    EXPECT_EQ(body.trailers, "X-Sum: abc\r\ngrpc-status: 0\r\nEmpty: \r\n");
}

TEST(chunked_decoder, e27_holds_trailers_to_the_syntax_of_heads) {
    for (const std::string& line :
         {std::string("A : b"), std::string(": b"), std::string("A"), std::string(" A: b"),
          std::string("A: b\r\n c"), std::string("A: b\x01"), std::string("A: ") + '\0',
          std::string("A(: b"), std::string("A: b\rc"), std::string("\xe4: b"),
          std::string("A: b\x7f")})
        EXPECT_EQ(decode("0\r\n" + line + "\r\n\r\n").status, 400u) << line;
}

TEST(chunked_decoder, e27_holds_trailers_to_their_limits) {
    const chunked_limits small{.trailer_bytes = 30, .trailer_fields = 2};
    EXPECT_TRUE(decode("0\r\nA: b\r\nB: c\r\n\r\n", small).done);
    EXPECT_EQ(decode("0\r\nA: b\r\nB: c\r\nC: d\r\n\r\n", small).status, 400u);
    EXPECT_EQ(decode("0\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n", small).status, 400u);
    const chunked_limits exact{.trailer_bytes = 8};
    EXPECT_TRUE(decode("0\r\nA: b\r\n\r\n", exact).done);
    EXPECT_FALSE(decode("0\r\nA: bc\r\n\r\n", exact).done);
}

TEST(chunked_decoder, e54_refuses_a_body_beyond_its_limit_when_the_chunk_is_announced) {
    const chunked_limits limits{.body = 8};
    EXPECT_TRUE(decode("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", limits).done);
    EXPECT_EQ(decode("5\r\nhello\r\n4\r\nabcd\r\n0\r\n\r\n", limits).status, 413u);
    EXPECT_EQ(decode("7fffffffffffffff\r\n", limits).status, 413u);
    EXPECT_EQ(decode("1\r\na\r\n7fffffffffffffff\r\n", limits).status, 413u);
}

TEST(chunked_decoder, says_nothing_of_a_body_that_is_not_over) {
    for (const char* stream :
         {"5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r", "5", "0\r\nA: b\r\n"}) {
        const decoded body = decode(stream);
        EXPECT_FALSE(body.done) << stream;
        EXPECT_EQ(body.status, 0u) << stream;
    }
}

}  // namespace
}  // namespace hawser::http::h1
