// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "http/h2/head_builder.h"

namespace hawser::http::h2 {
namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

fields get_with(const fields& more = {}) {
    fields all{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// `get_with` with one pseudo-field said differently; empty: left out.
fields get_but(const std::string& name, const std::string& value) {
    fields all;
    for (auto [each, said] : get_with())
        if (each != name)
            all.emplace_back(each, said);
        else if (!value.empty())
            all.emplace_back(each, value);
    return all;
}

struct asked {
    explicit asked(const fields& what, bool is_last = true, const block_limits& limits = {}) {
        head_builder builder;
        builder.begin(head_builder::kind::request, limits);
        for (const auto& [name, value] : what) builder.add(name, value);
        from = builder.finish(is_last);
        why = read_request_head(from, head, {});
    }
    [[nodiscard]] unsigned status() const { return why ? why->status : 0; }
    [[nodiscard]] std::string cause() const { return std::string(why ? why->cause : ""); }
    [[nodiscard]] std::string value(std::string_view name) const {
        for (const field& each : head.fields)
            if (each.name == name) return std::string(each.value);
        return "(none)";
    }

    received_head from;
    request_head head;
    std::optional<refusal> why;
};

struct answered {
    explicit answered(const fields& what, bool is_last = true, bool to_head = false) {
        head_builder builder;
        builder.begin(head_builder::kind::response, {.bytes = 65536, .fields = 200});
        for (const auto& [name, value] : what) builder.add(name, value);
        from = builder.finish(is_last);
        why = read_response_head(from, {.head = to_head}, head, {});
    }
    received_head from;
    response_head head;
    std::optional<refusal> why;
};

TEST(h2_head, says_what_an_http1_request_would_say) {
    const asked one(get_with({{"accept", "*/*"}, {"x-a", "b"}}));
    ASSERT_EQ(one.why, std::nullopt);
    EXPECT_EQ(one.from.text, "GET / HTTP/1.1\r\nhost: a\r\naccept: */*\r\nx-a: b\r\n\r\n");
    EXPECT_EQ(one.head.method, "GET");
    EXPECT_EQ(one.head.path, "/");
    EXPECT_EQ(one.head.host, "a");
    EXPECT_EQ(one.head.body, framing::none);
    EXPECT_TRUE(one.head.keep_alive);
    EXPECT_TRUE(one.head.fields[1].plain);
}

TEST(h2_head, e94_refuses_bytes_that_would_break_a_line) {
    for (const std::string& bad :
         {std::string("a\r\nx: y"), std::string("a\nb"), std::string("a\rb"),
          std::string("a\0b", 3), std::string("a\x01"), std::string("a\x7f"), std::string(" a"),
          std::string("a\t")})
        EXPECT_EQ(asked(get_with({{"x-a", bad}})).cause(), "bad-field-value");
    for (const std::string& bad :
         {std::string("X-A"), std::string("x a"), std::string("x:a"), std::string("x\r\ny"),
          std::string("x\0y", 3), std::string("x\xc3"), std::string(), std::string("x\t")})
        EXPECT_EQ(asked(get_with({{bad, "v"}})).cause(), "bad-field-name");
}

TEST(h2_head, e94_passes_high_bytes_and_tabs_within_values) {
    EXPECT_EQ(asked(get_with({{"x-a", "caf\xc3\xa9\tb"}})).value("x-a"), "caf\xc3\xa9\tb");
    EXPECT_EQ(asked(get_with({{"x-a", ""}})).value("x-a"), "");
}

TEST(h2_head, e95_refuses_fields_of_a_connection) {
    for (const char* name :
         {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"})
        EXPECT_EQ(asked(get_with({{name, "x"}})).cause(), "connection-field");
    EXPECT_EQ(asked(get_with({{"transfer-encoding", "chunked"}}), false).status(), 400u);
    EXPECT_EQ(asked(get_with({{"te", "gzip"}})).cause(), "bad-te");
    const asked trailers(get_with({{"te", "trailers"}}));
    EXPECT_EQ(trailers.why, std::nullopt);
    EXPECT_TRUE(trailers.head.te_trailers);
}

TEST(h2_head, e96_wants_each_pseudo_field_once_and_first) {
    EXPECT_EQ(asked(get_but(":method", "")).cause(), "no-method");
    EXPECT_EQ(asked(get_but(":scheme", "")).cause(), "no-scheme");
    EXPECT_EQ(asked(get_but(":path", "")).cause(), "no-path");
    EXPECT_EQ(asked(get_but(":authority", "")).cause(), "no-host");
    for (const char* name : {":method", ":scheme", ":authority", ":path"}) {
        fields twice = get_with();
        twice.emplace_back(name, "GET");
        EXPECT_EQ(asked(twice).cause(), "duplicate-pseudo-field") << name;
        fields empty = get_with();
        for (auto& [each, value] : empty)
            if (each == name) value.clear();
        EXPECT_EQ(asked(empty).cause(), "empty-pseudo-field") << name;
    }
    EXPECT_EQ(asked({{"x-a", "b"}, {":method", "GET"}}).cause(), "no-method");
    EXPECT_EQ(asked(get_with({{"x-a", "b"}, {":path", "/"}})).cause(), "misplaced-pseudo-field");
    EXPECT_EQ(asked(get_with({{":status", "200"}})).cause(), "unknown-pseudo-field");
    EXPECT_EQ(asked(get_with({{":other", "x"}})).cause(), "unknown-pseudo-field");
}

TEST(h2_head, e97_lets_no_request_line_be_injected) {
    for (const char* bad : {"GET /admin HTTP/1.1", "GET ", " GET", "G,T", "G\tT"})
        EXPECT_EQ(asked(get_but(":method", bad)).status(), 400u) << bad;
    for (const char* bad :
         {"/a b", "/ HTTP/1.1", "a", "http://other/", "//a b", "/#x", "/\x80", "*", "?q"})
        EXPECT_EQ(asked(get_but(":path", bad)).status(), 400u) << bad;
    for (const char* bad : {"a b", "user@a", "a/b", "a,b", "a:99999", "a?b"})
        EXPECT_EQ(asked(get_but(":authority", bad)).status(), 400u) << bad;
    for (const char* bad : {"ftp", "HTTP", "https,http", "http://a/?"})
        EXPECT_EQ(asked(get_but(":scheme", bad)).cause(), "bad-scheme") << bad;
    EXPECT_EQ(asked(get_but(":method", std::string(65, 'A'))).status(), 501u);
    EXPECT_EQ(asked(get_but(":path", "/" + std::string(16384, 'a'))).status(), 414u);
    EXPECT_EQ(asked(get_but(":path", "/" + std::string(8000, 'a'))).why, std::nullopt);
    fields options = get_but(":path", "*");
    options[0].second = "OPTIONS";
    EXPECT_EQ(asked(options).head.target, "*");
}

TEST(h2_head, e98_settles_on_one_host) {
    EXPECT_EQ(asked(get_with({{"host", "a"}})).from.text, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ(asked(get_with({{"host", "b"}})).cause(), "host-differs");
    EXPECT_EQ(asked(get_with({{"host", "a"}, {"host", "a"}})).cause(), "duplicate-host");
    fields without = get_but(":authority", "");
    without.emplace_back("host", "b");
    EXPECT_EQ(asked(without).head.host, "b");
    without.emplace_back("host", "b");
    EXPECT_EQ(asked(without).cause(), "duplicate-host");
}

TEST(h2_head, e99_judges_content_length_as_ever) {
    for (const char* bad : {"+5", "-0", "0x5", "5 5", "5,5", "", "99999999999999999999"})
        EXPECT_EQ(asked(get_with({{"content-length", bad}}), false).status(), 400u) << bad;
    EXPECT_EQ(asked(get_with({{"content-length", "5"}, {"content-length", "5"}}), false).status(),
              400u);
    EXPECT_EQ(asked(get_with({{"content-length", "5"}}), true).cause(), "content-length-differs");
    EXPECT_EQ(asked(get_with({{"content-length", "0"}}), true).why, std::nullopt);
}

TEST(h2_head, e100_frames_a_body_for_http1) {
    EXPECT_EQ(asked(get_with(), false).head.body, framing::chunked);
    const asked known(get_with({{"content-length", "5"}}), false);
    EXPECT_EQ(known.head.body, framing::length);
    EXPECT_EQ(known.head.content_length, 5u);
    EXPECT_TRUE(asked(get_with({{"expect", "100-continue"}}), false).head.expect_continue);
    EXPECT_FALSE(asked(get_with({{"expect", "100-continue"}}), true).head.expect_continue);
}

TEST(h2_head, e101_joins_cookie_crumbs_in_order) {
    const asked one(
        get_with({{"cookie", "a=1"}, {"x-a", "b"}, {"cookie", "b=2"}, {"cookie", "c"}}));
    EXPECT_EQ(one.value("cookie"), "a=1; b=2; c");
}

TEST(h2_head, e51_refuses_names_that_an_application_could_misread) {
    EXPECT_EQ(asked(get_with({{"content_length", "5"}})).cause(), "look-alike-field-name");
    EXPECT_EQ(asked(get_with({{"x_forwarded_for", "5"}})).cause(), "look-alike-field-name");
}

TEST(h2_head, e112_counts_a_field_with_its_overhead) {
    fields many = get_with();
    for (int i = 0; i < 96; ++i) many.emplace_back("x", "");
    EXPECT_EQ(asked(many).why, std::nullopt);
    many.emplace_back("x", "");
    EXPECT_EQ(asked(many).status(), 431u);
    // 4 pseudo-fields of 10 bytes or so and 34 bytes a field: 20 fields fit into 1000 bytes.
    const block_limits narrow{.bytes = 1000, .fields = 1000};
    fields some = get_with();
    for (int i = 0; i < 24; ++i) some.emplace_back("x", "y");
    EXPECT_EQ(asked(some, true, narrow).why, std::nullopt);
    for (int i = 0; i < 2; ++i) some.emplace_back("x", "y");
    EXPECT_EQ(asked(some, true, narrow).cause(), "head-too-large");
}

TEST(h2_head, e34_parses_connect_so_that_it_can_be_refused) {
    const asked plain({{":method", "CONNECT"}, {":authority", "a:443"}});
    EXPECT_EQ(plain.why, std::nullopt);
    EXPECT_EQ(plain.head.method_kind, method_id::connect);
    EXPECT_EQ(asked({{":method", "CONNECT"}, {":authority", "a:443"}, {":path", "/"}}).cause(),
              "bad-connect");
}

TEST(h2_head, e105_makes_an_upgrade_of_an_extended_connect) {
    fields websocket = get_but(":method", "CONNECT");
    websocket.emplace_back(":protocol", "websocket");
    websocket.emplace_back("sec-websocket-version", "13");
    websocket.emplace_back("sec-websocket-key", "theirs");
    const asked one(websocket, false);
    ASSERT_EQ(one.why, std::nullopt);
    EXPECT_TRUE(one.from.is_websocket);
    EXPECT_TRUE(one.head.wants_websocket);
    EXPECT_EQ(one.head.method, "GET");
    EXPECT_EQ(one.value("sec-websocket-key").size(), 24u);
    EXPECT_EQ(asked(websocket, true).cause(), "bad-websocket");

    fields other = get_but(":method", "CONNECT");
    other.emplace_back(":protocol", "connect-udp");
    EXPECT_EQ(asked(other, false).status(), 501u);
    EXPECT_EQ(asked(get_with({{":protocol", "websocket"}})).cause(), "protocol-without-connect");
}

TEST(h2_head, e102_keeps_trailers_apart) {
    head_builder builder;
    const auto trailers = [&](const fields& what, bool is_last = true) {
        builder.begin(head_builder::kind::trailers, {});
        for (const auto& [name, value] : what) builder.add(name, value);
        return builder.finish(is_last);
    };
    EXPECT_EQ(trailers({{"grpc-status", "0"},
                        {"content-length", "5"},
                        {"host", "b"},
                        {"content_length", "5"},
                        {"cookie", "a"}})
                  .text,
              "grpc-status: 0\r\n");
    EXPECT_TRUE(trailers({{":path", "/"}}).why.has_value());
    EXPECT_TRUE(trailers({{"x", "a\r\nb: c"}}).why.has_value());
    EXPECT_TRUE(trailers({{"transfer-encoding", "chunked"}}).why.has_value());
    EXPECT_TRUE(trailers({{"a", "b"}}, false).why.has_value());
}

TEST(h2_head, e182_reads_answers_strictly) {
    const answered fine({{":status", "200"}, {"content-length", "3"}, {"x-a", "b"}}, false);
    ASSERT_EQ(fine.why, std::nullopt);
    EXPECT_EQ(fine.head.status, 200u);
    EXPECT_EQ(fine.head.body, framing::length);
    for (const fields& bad : std::vector<fields>{{},
                                                 {{"x", "y"}},
                                                 {{":status", "20"}},
                                                 {{":status", "2000"}},
                                                 {{":status", "099"}},
                                                 {{":status", "600"}},
                                                 {{":status", "101"}},
                                                 {{":status", "200"}, {":status", "200"}},
                                                 {{":status", "200"}, {":path", "/"}},
                                                 {{":status", "200"}, {"connection", "close"}},
                                                 {{":status", "200"}, {"X", "y"}},
                                                 {{":status", "200"}, {"x", "a\r\nb"}},
                                                 {{":status", "200"}, {"content-length", "x"}}}) {
        const answered one(bad, false);
        EXPECT_EQ(one.why ? one.why->status : 0, 502u);
    }
    EXPECT_EQ(answered({{":status", "200"}, {"content-length", "3"}}, true).why->cause,
              "content-length-differs");
}

TEST(h2_head, knows_where_an_answer_ends) {
    EXPECT_EQ(answered({{":status", "200"}}, false).head.body, framing::chunked);
    const answered empty({{":status", "200"}}, true);
    EXPECT_EQ(empty.head.body, framing::length);
    EXPECT_EQ(empty.head.content_length, 0u);
    EXPECT_EQ(answered({{":status", "204"}}, true).head.body, framing::none);
    const answered head({{":status", "200"}, {"content-length", "3"}}, true, true);
    EXPECT_EQ(head.why, std::nullopt);
    EXPECT_EQ(head.head.body, framing::none);
    EXPECT_TRUE(answered({{":status", "103"}}, false).from.is_interim);
    EXPECT_TRUE(answered({{":status", "103"}}, true).why.has_value());
}

}  // namespace
}  // namespace hawser::http::h2
