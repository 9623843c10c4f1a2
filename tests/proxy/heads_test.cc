// SPDX-License-Identifier: Apache-2.0
#include "proxy/heads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "affinity/token.h"
#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A request as a server gets it, and what decides about that.
struct forwarded_request {
    listener_settings listener = {};
    route way = {};
    pool_setup pool = {};
    std::string client = "192.0.2.7";
    bool is_trusted = false;
    std::string stripped_cookie = {};
    std::string marked_cookie = {};
    std::string target = {};
    marking marks = {};
    std::string challenge = {};

    [[nodiscard]] std::string of(const std::string& head) const {
        const parsed_request request(head);
        crypto::random_stock random;
        const request_marks marked(marks, request.head(), is_trusted, random);
        const request_rewriting what{.head = request.head(),
                                     .listener = listener,
                                     .way = way,
                                     .pool = pool,
                                     .client = client,
                                     .is_trusted = is_trusted,
                                     .stripped_cookie = stripped_cookie,
                                     .marked_cookie = marked_cookie,
                                     .target = target,
                                     .marks = &marked,
                                     .challenge = challenge};
        std::vector<char> out(rewritten_size_max(what));
        return std::string(write_request_head(what, out));
    }
};

std::string get(std::string_view fields) {
    return "GET /a?b HTTP/1.1\r\nHost: shop.example\r\n" + std::string(fields) + "\r\n";
}

constexpr auto* told_by_a_proxy =
    "X-Forwarded-For: 198.51.100.1\r\n"
    "X-Forwarded-Proto: https\r\n"
    "X-Forwarded-Host: outer.example\r\n";

TEST(request_heads, are_written_anew_with_what_the_client_said) {
    EXPECT_EQ(forwarded_request().of(get("Accept: */*\r\n")),
              "GET /a?b HTTP/1.1\r\n"
              "Host: shop.example\r\n"
              "Accept: */*\r\n"
              "X-Forwarded-For: 192.0.2.7\r\n"
              "X-Forwarded-Proto: http\r\n"
              "X-Forwarded-Host: shop.example\r\n"
              "X-Forwarded-Port: 80\r\n"
              "\r\n");
}

TEST(request_heads, a_client_that_is_not_trusted_tells_nothing_about_itself) {
    const auto sent = forwarded_request().of(get(told_by_a_proxy));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-For: 192.0.2.7\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Proto: http\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Host: shop.example\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("198.51.100.1")));
    EXPECT_THAT(sent, Not(HasSubstr("outer.example")));
}

TEST(request_heads, a_trusted_proxy_is_believed_and_added) {
    const auto sent = forwarded_request{.is_trusted = true}.of(get(told_by_a_proxy));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Proto: https\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Host: outer.example\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("X-Forwarded-Host: shop.example")));
}

TEST(request_heads, ours_is_appended_to_the_last_of_several_lists) {
    const auto sent = forwarded_request{.is_trusted = true}.of(
        get("X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 198.51.100.2\r\n"));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-For: 198.51.100.1\r\n"
                                "X-Forwarded-For: 198.51.100.2, 192.0.2.7\r\n"));
}

TEST(request_heads, append_believes_everybody_and_replace_nobody) {
    forwarded_request appended;
    appended.listener.forwarded = forwarded_policy::append;
    EXPECT_THAT(appended.of(get(told_by_a_proxy)), HasSubstr("198.51.100.1, 192.0.2.7\r\n"));

    forwarded_request replaced{.is_trusted = true};
    replaced.listener.forwarded = forwarded_policy::replace;
    EXPECT_THAT(replaced.of(get(told_by_a_proxy)), Not(HasSubstr("198.51.100.1")));
}

TEST(request_heads, e131_the_port_is_the_one_that_host_names_else_the_schemes) {
    const auto port_for = [](const std::string& host) {
        const auto sent = forwarded_request().of("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        const auto at = sent.find("X-Forwarded-Port: ") + 18;
        return sent.substr(at, sent.find('\r', at) - at);
    };
    EXPECT_EQ(port_for("shop.example"), "80");
    EXPECT_EQ(port_for("shop.example:8080"), "8080");
    EXPECT_EQ(port_for("10.0.0.1"), "80");
    EXPECT_EQ(port_for("[::1]"), "80");
    EXPECT_EQ(port_for("[::1]:81"), "81");
    EXPECT_EQ(port_for("80"), "80");
}

TEST(request_heads, e131_a_port_is_not_added_to_what_a_trusted_proxy_says) {
    EXPECT_THAT(forwarded_request{.is_trusted = true}.of(get(told_by_a_proxy)),
                Not(HasSubstr("X-Forwarded-Port")));
    EXPECT_THAT(forwarded_request{.is_trusted = true}.of(get("")),
                HasSubstr("X-Forwarded-Port: 80\r\n"));
}

TEST(request_heads, e134_forwarded_is_written_where_it_is_asked_for) {
    forwarded_request asked;
    asked.listener.forwarded_field = forwarded_field_policy::write;
    EXPECT_THAT(asked.of(get("Forwarded: for=198.51.100.1\r\n")),
                AllOf(HasSubstr("Forwarded: for=192.0.2.7;host=shop.example;proto=http\r\n"),
                      Not(HasSubstr("198.51.100.1"))));
    asked.client = "2001:db8::7";
    EXPECT_THAT(asked.of(get("")), HasSubstr("Forwarded: for=\"[2001:db8::7]\";host="));
    asked.client = "";
    EXPECT_THAT(asked.of(get("")), HasSubstr("Forwarded: for=unknown;host="));
    asked.listener.forwarded = forwarded_policy::off;
    EXPECT_THAT(asked.of(get("")), Not(HasSubstr("Forwarded")));
}

TEST(request_heads, e134_a_trusted_forwarded_is_appended_to_unless_it_is_malformed) {
    forwarded_request asked{.is_trusted = true};
    asked.listener.forwarded_field = forwarded_field_policy::write;
    const std::string ours = "for=192.0.2.7;host=shop.example;proto=http\r\n";
    EXPECT_THAT(asked.of(get("Forwarded: for=1.2.3.4\r\nForwarded: for=1.2.3.5\r\n")),
                HasSubstr("Forwarded: for=1.2.3.4\r\nForwarded: for=1.2.3.5, " + ours));
    EXPECT_THAT(asked.of(get("Forwarded: for=1.2.3.4\r\nForwarded: for=\r\n")),
                AllOf(HasSubstr("Forwarded: " + ours), Not(HasSubstr("1.2.3.4"))));
    asked.way.request.set = {{"Forwarded", "for=_us"}};
    EXPECT_THAT(asked.of(get("")),
                AllOf(HasSubstr("Forwarded: for=_us\r\n"), Not(HasSubstr("for=192.0.2.7"))));
}

TEST(request_heads, off_passes_on_what_came_and_adds_nothing) {
    forwarded_request off;
    off.listener.forwarded = forwarded_policy::off;
    EXPECT_EQ(off.of(get("X-Forwarded-For: 198.51.100.1\r\n")),
              "GET /a?b HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n");
}

TEST(request_heads, the_client_of_a_unix_socket_has_no_address_to_tell) {
    const auto sent = forwarded_request{.client = ""}.of(get(""));
    EXPECT_THAT(sent, Not(HasSubstr("X-Forwarded-For")));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Proto: http\r\n"));
}

TEST(request_heads, e88_hop_by_hop_fields_do_not_go_on) {
    const auto sent = forwarded_request().of(
        get("Connection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
            "Proxy-Connection: keep-alive\r\nX-Theirs: 2\r\n"));
    for (const auto* gone : {"Connection", "X-Mine", "Keep-Alive"})
        EXPECT_THAT(sent, Not(HasSubstr(gone)));
    EXPECT_THAT(sent, HasSubstr("X-Theirs: 2\r\n"));
}

TEST(request_heads, a_route_sets_and_removes_fields) {
    forwarded_request edited;
    edited.way.request = {.set = {{"X-Ring", "blue"}}, .remove = {"Referer"}};
    const auto sent = edited.of(get("Referer: x\r\nx-ring: red\r\nAccept: */*\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("Referer")));
    EXPECT_THAT(sent, Not(HasSubstr("red")));
    EXPECT_THAT(sent, HasSubstr("Accept: */*\r\n"));
    EXPECT_THAT(sent, EndsWith("X-Ring: blue\r\n\r\n"));
}

TEST(request_heads, a_route_may_replace_what_we_tell_of_the_client) {
    forwarded_request edited;
    edited.way.request = {.set = {{"X-Forwarded-Proto", "https"}}, .remove = {}};
    const auto sent = edited.of(get(""));
    EXPECT_THAT(sent, HasSubstr("X-Forwarded-Proto: https\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("X-Forwarded-Proto: http\r\n")));
}

TEST(request_heads, our_cookie_stays_here) {
    const auto sent = forwarded_request{.stripped_cookie = "hawser-1"}.of(
        get("Cookie: a=1; hawser-1=secret; b=2\r\n"));
    EXPECT_THAT(sent, HasSubstr("Cookie: a=1; b=2\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("secret")));
}

TEST(request_heads, our_mark_before_a_cookie_stays_here) {
    const std::string mark(affinity::token_text_size, 'A');
    const forwarded_request marked{.marked_cookie = "SID"};
    EXPECT_THAT(marked.of(get("Cookie: a=1; SID=" + mark + "~4711; b=2\r\nX: 1\r\n")),
                HasSubstr("\r\nCookie: a=1; SID=4711; b=2\r\nX: 1\r\n"));
    EXPECT_THAT(marked.of(get("Cookie: a=1; SID=4711\r\n")),
                HasSubstr("\r\nCookie: a=1; SID=4711\r\n"));
}

TEST(request_heads, a_doubted_client_is_told_of_and_cannot_tell_of_itself) {
    const forwarded_request doubted{.challenge = "network, tls"};
    const auto sent = doubted.of(get("Hawser-Challenge: none\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nHawser-Challenge: network, tls\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("none")));
    EXPECT_THAT(forwarded_request().of(get("Hawser-Challenge: none\r\n")),
                Not(HasSubstr("Hawser")));
}

TEST(request_heads, the_pool_may_name_the_host) {
    forwarded_request named;
    named.pool.host = host_policy::text;
    named.pool.host_text = "inner.example";
    EXPECT_THAT(named.of(get("")), StartsWith("GET /a?b HTTP/1.1\r\nHost: inner.example\r\n"));
    EXPECT_THAT(named.of(get("")), Not(HasSubstr("\r\nHost: shop.example")));
}

TEST(request_heads, via_is_added_where_it_is_asked_for) {
    forwarded_request asked;
    asked.listener.adds_via = true;
    EXPECT_THAT(asked.of(get("")), HasSubstr("Via: 1.1 hawser\r\n"));
    EXPECT_THAT(forwarded_request().of(get("")), Not(HasSubstr("Via")));
}

TEST(request_heads, go_to_another_target_where_the_route_says_so) {
    forwarded_request moved;
    moved.target = "/new/place?b";
    EXPECT_THAT(moved.of(get("")), StartsWith("GET /new/place?b HTTP/1.1\r\nHost: "));
}

TEST(request_heads, carry_one_id_ours_or_the_one_that_is_believed) {
    forwarded_request marked;
    marked.marks = {.id_name = "X-Request-Id"};
    EXPECT_THAT(marked.of(get("X-Request-Id: theirs\r\n")),
                AllOf(HasSubstr("\r\nX-Request-Id: "), Not(HasSubstr("theirs"))));
    marked.is_trusted = true;
    EXPECT_THAT(marked.of(get("X-Request-Id: theirs\r\n")), HasSubstr("X-Request-Id: theirs\r\n"));
}

// ---- answers --------------------------------------------------------------------------------

/// What decides about an answer's head besides the server's own.
struct choices {
    bool to_http_1_0 = false;
    bool keeps_alive = true;
    bool is_private = false;
    std::string_view lines = {};
    std::string_view coding = {};
    std::string_view replaced_cookie = {};
};

std::string written(const parsed_response& answer, const route& way, const choices& how) {
    const response_rewriting what{.head = answer.head(),
                                  .way = way,
                                  .to_http_1_0 = how.to_http_1_0,
                                  .keeps_alive = how.keeps_alive,
                                  .is_private = how.is_private,
                                  .coding = how.coding,
                                  .replaced_cookie = how.replaced_cookie,
                                  .weakens_tag = !how.coding.empty(),
                                  .lines = how.lines};
    std::vector<char> out(rewritten_size_max(what));
    return std::string(write_response_head(what, out));
}

std::string ok(std::string_view fields) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + std::string(fields) + "\r\n";
}

TEST(response_heads, end_with_our_own_lines) {
    const route way;
    const parsed_response answer(ok("X-A: 1\r\n"));
    EXPECT_EQ(written(answer, way, {.lines = "Set-Cookie: h=1\r\n"}),
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nSet-Cookie: h=1\r\n\r\n");
}

TEST(response_heads, a_cookie_that_we_set_in_the_servers_place_is_set_once) {
    const route way;
    const parsed_response answer(
        ok("Set-Cookie: SID=1\r\nset-cookie: other=2\r\n"
           "Set-Cookie: SID=3; Path=/\r\n"));
    EXPECT_EQ(written(answer, way, {.lines = "Set-Cookie: SID=x~3\r\n", .replaced_cookie = "SID"}),
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nset-cookie: other=2\r\n"
              "Set-Cookie: SID=x~3\r\n\r\n");
}

TEST(response_heads, say_whether_the_connection_stays) {
    const route way;
    const parsed_response answer(ok("Connection: close\r\n"));
    EXPECT_THAT(written(answer, way, {}), Not(HasSubstr("Connection")));
    EXPECT_THAT(written(answer, way, {.keeps_alive = false}), HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(written(answer, way, {.to_http_1_0 = true}),
                HasSubstr("Connection: keep-alive\r\n"));
}

TEST(response_heads, e157_with_our_cookie_no_shared_cache_may_keep_them) {
    const route way;
    const parsed_response answer(
        ok("Cache-Control: public, max-age=60\r\nCache-Control: s-maxage=9\r\n"));
    const auto sent = written(answer, way, {.is_private = true});
    EXPECT_THAT(sent, HasSubstr("Cache-Control: private, max-age=60\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("public")));
    EXPECT_THAT(sent, Not(HasSubstr("s-maxage")));
}

TEST(response_heads, a_route_sets_and_removes_fields) {
    route way;
    way.response = {.set = {{"X-Frame-Options", "DENY"}}, .remove = {"Server"}};
    const parsed_response answer(ok("Server: old\r\nx-frame-options: ALLOW\r\n"));
    const auto sent = written(answer, way, {});
    EXPECT_EQ(sent, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Frame-Options: DENY\r\n\r\n");
}

TEST(response_heads, of_a_compressed_body_promise_nothing_of_the_servers_bytes) {
    const route way;
    const parsed_response strong(ok("ETag: \"x\"\r\nAccept-Ranges: bytes\r\n"));
    EXPECT_EQ(written(strong, way, {.coding = "gzip"}),
              "HTTP/1.1 200 OK\r\nETag: W/\"x\"\r\nContent-Encoding: gzip\r\n\r\n");
    const parsed_response weak(ok("ETag: W/\"x\"\r\n"));
    EXPECT_THAT(written(weak, way, {.coding = "br"}), HasSubstr("\r\nETag: W/\"x\"\r\n"));
}

TEST(private_cache_control, e157_keeps_what_binds_private_caches) {
    EXPECT_EQ(private_cache_control(""), "private");
    EXPECT_EQ(private_cache_control("no-store"), "private, no-store");
    EXPECT_EQ(private_cache_control("public, max-age=60"), "private, max-age=60");
    EXPECT_EQ(private_cache_control(" PUBLIC ,,S-MaxAge=1, must-revalidate"),
              "private, must-revalidate");
    EXPECT_EQ(private_cache_control("no-cache=\"a, b\""), "private, no-cache=\"a, b\"");
}

TEST(private_cache_control, e157_does_not_cut_within_quotes) {
    EXPECT_EQ(private_cache_control("private=\"a, b\", no-store"), "private, no-store");
}

}  // namespace
}  // namespace hawser::proxy
