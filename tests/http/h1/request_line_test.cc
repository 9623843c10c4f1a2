// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

std::string with_line(std::string_view line) { return std::string(line) + "\r\nHost: a\r\n\r\n"; }

TEST(request_line, gives_method_target_and_version) {
    const delivered_request request(with_line("GET /cart?item=1&n=2 HTTP/1.1"));
    ASSERT_TRUE(request.is_complete()) << request.said;
    EXPECT_EQ(request.head.method, "GET");
    EXPECT_EQ(request.head.method_kind, method_id::get);
    EXPECT_EQ(request.head.target, "/cart?item=1&n=2");
    EXPECT_EQ(request.head.path, "/cart");
    EXPECT_EQ(request.head.query, "item=1&n=2");
    EXPECT_EQ(request.head.minor, 1u);
}

TEST(request_line, e29_takes_single_blanks_only) {
    for (const char* line :
         {"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1",
          " GET / HTTP/1.1", "\tGET / HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.1\t",
          "GET /a b HTTP/1.1", "GET / ", "GET /", "GET", "GET ", "/ HTTP/1.1", "GET HTTP/1.1",
          "GET /\x0bHTTP/1.1", "GET /a\x0c HTTP/1.1", "GET / HTTP/1.1 x"})
        EXPECT_EQ(delivered_request(with_line(line)).status(), 400u) << line;
}

TEST(request_line, e30_passes_methods_it_does_not_know) {
    const delivered_request request(with_line("M-SEARCH /x HTTP/1.1"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.method, "M-SEARCH");
    EXPECT_EQ(request.head.method_kind, method_id::other);
}

TEST(request_line, e30_tells_methods_by_letter_case) {
    const delivered_request request(with_line("get / HTTP/1.1"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.method_kind, method_id::other);
}

TEST(request_line, e30_refuses_methods_that_are_no_token) {
    for (const char* method : {"G(T", "GET:", "\"GET\"", "G\x80T", "GE{T}", "G@T", "", "G\x7fT"})
        EXPECT_EQ(delivered_request(with_line(method + std::string(" / HTTP/1.1"))).status(), 400u)
            << method;
}

TEST(request_line, e30_answers_501_to_a_method_beyond_64_bytes) {
    EXPECT_TRUE(delivered_request(with_line(std::string(64, 'M') + " / HTTP/1.1")).is_complete());
    EXPECT_EQ(delivered_request(with_line(std::string(65, 'M') + " / HTTP/1.1")).status(), 501u);
    EXPECT_EQ(delivered_request(std::string(70, 'M')).status(), 501u);
}

TEST(request_line, e31_refuses_controls_high_bytes_and_fragments_in_the_target) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        const bool may = byte > 0x20 && byte < 0x7f && c != '#';
        const delivered_request request(
            with_line("GET /a/quite/long/path" + std::string(1, c) + "x HTTP/1.1"));
        if (may)
            EXPECT_TRUE(request.is_complete()) << byte;
        else
            EXPECT_EQ(request.status(), 400u) << byte;
    }
}

TEST(request_line, e32_takes_each_target_form_only_where_it_belongs) {
    for (const char* line : {"GET / HTTP/1.1", "OPTIONS * HTTP/1.1", "GET http://a/x HTTP/1.1",
                             "CONNECT a:443 HTTP/1.1", "GET //a/x HTTP/1.1"})
        EXPECT_TRUE(delivered_request(with_line(line)).is_complete()) << line;
    for (const char* line :
         {"GET * HTTP/1.1", "POST * HTTP/1.1", "OPTIONS ** HTTP/1.1", "GET a:443 HTTP/1.1",
          "GET a HTTP/1.1", "CONNECT / HTTP/1.1", "CONNECT a HTTP/1.1", "CONNECT * HTTP/1.1",
          "CONNECT http://a/ HTTP/1.1", "CONNECT a: HTTP/1.1", "GET ?x HTTP/1.1", "GET \\ HTTP/1.1",
          "OPTIONS a HTTP/1.1"})
        EXPECT_EQ(delivered_request(with_line(line)).status(), 400u) << line;
}

TEST(request_line, e33_turns_absolute_form_into_origin_form) {
    struct form {
        const char *sent, *target, *path, *query;
    };
    for (const auto& [sent, target, path, query] :
         {form{"http://a/x?y=1", "/x?y=1", "/x", "y=1"}, form{"HTTP://a/", "/", "/", ""},
          form{"https://a", "/", "/", ""}, form{"http://a?q=/x", "?q=/x", "/", "q=/x"},
          form{"http://a/x?y?z", "/x?y?z", "/x", "y?z"}}) {
        const delivered_request request(with_line("GET " + std::string(sent) + " HTTP/1.1"));
        ASSERT_TRUE(request.is_complete()) << sent << ": " << request.said;
        EXPECT_TRUE(request.head.is_absolute_form());
        EXPECT_EQ(request.head.target, target) << sent;
        EXPECT_EQ(request.head.path, path) << sent;
        EXPECT_EQ(request.head.query, query) << sent;
        EXPECT_EQ(request.head.host, "a") << sent;
    }
}

TEST(request_line, e33_asks_the_whole_server_for_options_without_a_path) {
    const delivered_request request(with_line("OPTIONS http://a HTTP/1.1"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.target, "*");
}

TEST(request_line, e33_refuses_other_schemes_userinfo_and_empty_authorities) {
    for (const char* target :
         {"ftp://a/", "httpx://a/", "http:/a", "http:a", "http:///x", "http://", "http://u@a/",
          "http://u:p@a/", "http://a:x/", "http://a:99999/", "http://a,b/", "http://?x", "https//a",
          "://a/", "http://[::1/", "http://[x]/", "ws://a/"})
        EXPECT_EQ(delivered_request(with_line("GET " + std::string(target) + " HTTP/1.1")).status(),
                  400u)
            << target;
}

TEST(request_line, e33_refuses_a_host_that_differs_from_the_target) {
    EXPECT_EQ(delivered_request("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET https://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET http://a/ HTTP/1.1\r\n\r\n").status(), 400u);
}

TEST(request_line, e33_forwards_the_targets_spelling_of_an_equal_host) {
    const delivered_request request(
        "GET http://Shop.example:80/ HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    ASSERT_TRUE(request.is_complete()) << request.said;
    EXPECT_EQ(request.head.host, "Shop.example:80");
    const field& host = request.head.fields[0];
    EXPECT_EQ(host.value, "Shop.example:80");
    EXPECT_FALSE(host.plain);
}

TEST(request_line, e34_marks_connect_for_its_405) {
    const delivered_request request(
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.head.method_kind, method_id::connect);
}

TEST(request_line, e35_reads_max_forwards_of_trace_and_options_only) {
    const auto with = [](const char* method, const char* value) {
        return std::string(method) + " / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value +
               "\r\n\r\n";
    };
    EXPECT_EQ(delivered_request(with("TRACE", "0")).head.max_forwards, 0u);
    EXPECT_EQ(delivered_request(with("OPTIONS", "70")).head.max_forwards, 70u);
    EXPECT_EQ(delivered_request(with("OPTIONS", "9999999999")).head.max_forwards, UINT32_MAX);
    EXPECT_EQ(delivered_request(with("GET", "0")).head.max_forwards, std::nullopt);
    EXPECT_TRUE(delivered_request(with("GET", "x")).is_complete());
    EXPECT_EQ(delivered_request(with("TRACE", "x")).status(), 400u);
    EXPECT_EQ(delivered_request(with("TRACE", "")).status(), 400u);
    EXPECT_EQ(delivered_request(with("TRACE", "1\r\nMax-Forwards: 1")).status(), 400u);
}

TEST(request_line, e36_speaks_one_dot_one_and_one_dot_zero) {
    EXPECT_EQ(delivered_request(with_line("GET / HTTP/1.0")).head.minor, 0u);
    EXPECT_EQ(delivered_request(with_line("GET / HTTP/1.1")).head.minor, 1u);
    for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/3.1"})
        EXPECT_EQ(delivered_request(with_line("GET / " + std::string(version))).status(), 505u)
            << version;
    for (const char* version :
         {"http/1.1", "HTTP/1.10", "HTTP/01.1", "HTTP/1.1x", "FTP/1.1", "HTTP/1.", "HTTP/1", "HTTP",
          "HTTP/11", "HTTP/1,1", "HTTP/4294967297.1", "HTTP/1.4294967297", "HTTP /1.1", "HTTP/ 1.1",
          "HTTP/-1.1", "HTTP/a.b", "Http/1.1", "HTTPS/1.1", ""})
        EXPECT_EQ(delivered_request(with_line("GET / " + std::string(version))).status(), 400u)
            << version;
}

TEST(request_line, e36_refuses_http_0_9) {
    EXPECT_EQ(delivered_request("GET /\r\n").status(), 400u);
    EXPECT_EQ(delivered_request("GET /\n").status(), 400u);
}

TEST(request_line, e38_skips_one_empty_line_before_it) {
    const delivered_request request("\r\n" + with_line("GET / HTTP/1.1"));
    ASSERT_TRUE(request.is_complete());
    EXPECT_EQ(request.said.consumed, request.head.bytes.size() + 2);
    EXPECT_TRUE(request.head.bytes.starts_with("GET /"));
}

TEST(request_line, e38_refuses_a_second_empty_line_and_a_bare_lf) {
    EXPECT_EQ(delivered_request("\r\n\r\n" + with_line("GET / HTTP/1.1")).status(), 400u);
    EXPECT_EQ(delivered_request("\n" + with_line("GET / HTTP/1.1")).status(), 400u);
    EXPECT_EQ(delivered_request("\r" + with_line("GET / HTTP/1.1")).status(), 400u);
    EXPECT_EQ(delivered_request("\r\n\n").status(), 400u);
}

TEST(request_line, e39_answers_505_to_the_preface_of_http2) {
    EXPECT_EQ(delivered_request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status(), 505u);
    EXPECT_EQ(delivered_request(with_line("PRI * HTTP/1.1")).status(), 400u);
    EXPECT_EQ(delivered_request(with_line("PRI / HTTP/1.1")).status(), 400u);
}

TEST(request_line, e40_refuses_binary_at_its_first_byte) {
    for (const std::string& junk : {bytes_of("\x16\x03\x01\x02\x00\x01"), bytes_of("\0\0\0\0"),
                                    bytes_of("\x80\x2e\x01"), bytes_of("\xff")}) {
        EXPECT_EQ(delivered_request(junk).status(), 400u);
        EXPECT_TRUE(worth_parsing(junk, junk.size(), request_limits{}));
    }
}

}  // namespace
}  // namespace hawser::http::h1
