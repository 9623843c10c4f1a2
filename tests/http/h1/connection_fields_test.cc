// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "http/h1/delivery.h"

namespace hawser::http::h1 {
namespace {

/// The names of the fields that would be forwarded, joined by blanks.
std::string forwarded(std::string_view field_lines) {
    const delivered_request request(get_with(field_lines));
    EXPECT_TRUE(request.is_complete()) << request.said;
    std::string names;
    for (const field& each : request.head.fields)
        if (!each.hop_by_hop) names.append(names.empty() ? "" : " ").append(each.name);
    return names;
}

TEST(connection_fields, e88_hop_by_hop_names_end_here) {
    EXPECT_EQ(forwarded("Connection: close\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\n"
                        "TE: gzip\r\nUpgrade: x\r\nHTTP2-Settings: AA\r\nA: b\r\n"),
              "Host A");
}

TEST(connection_fields, e88_named_fields_end_here_in_any_case_over_several_lines) {
    EXPECT_EQ(forwarded("Connection: x-one, close\r\nX-One: 1\r\nX-Two: 2\r\nX-TWO: 3\r\nB: c\r\n"
                        "connection: X-Two\r\n"),
              "Host B");
}

TEST(connection_fields, e89_cannot_remove_what_we_add_or_rely_on) {
    EXPECT_EQ(
        forwarded("Connection: x-forwarded-for, x-forwarded-foo, forwarded, host, cookie, "
                  "x-real-ip, hawser-session, x-custom\r\n"
                  "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Foo: 1\r\nForwarded: for=1.2.3.4\r\n"
                  "Cookie: a=b\r\nX-Real-IP: 1.2.3.4\r\nHawser-Session: 1\r\nX-Custom: 1\r\n"),
        "Host X-Forwarded-For X-Forwarded-Foo Forwarded Cookie X-Real-IP Hawser-Session");
}

TEST(connection_fields, e91_proxy_is_not_forwarded) {
    EXPECT_EQ(forwarded("Proxy: http://evil/\r\nA: b\r\n"), "Host A");
}

TEST(connection_fields, e92_junk_in_connection_does_no_harm) {
    for (const char* junk : {",,;", "\"close\"", ",", "", "a b", "close;x", ", , ,", "=", "\xff"}) {
        const delivered_request request(get_with("Connection: " + std::string(junk) + "\r\n"));
        ASSERT_TRUE(request.is_complete()) << junk;
        EXPECT_TRUE(request.head.keep_alive) << junk;
    }
}

TEST(connection_fields, e92_refuses_an_endless_list_of_options) {
    std::string options;
    for (int i = 0; i < 65; ++i) options += "a,";
    EXPECT_EQ(delivered_request(get_with("Connection: " + options + "\r\n")).status(), 400u);
}

TEST(connection_fields, e81_keep_alive_follows_version_and_options) {
    const auto keeps = [](std::string_view version, std::string_view lines) {
        return delivered_request("GET / " + std::string(version) + "\r\nHost: a\r\n" +
                                 std::string(lines) + "\r\n")
            .head.keep_alive;
    };
    EXPECT_TRUE(keeps("HTTP/1.1", ""));
    EXPECT_FALSE(keeps("HTTP/1.1", "Connection: Close\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1", "Connection: x, close\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.0", ""));
    EXPECT_TRUE(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.0", "Connection: keep-alive, close\r\n"));
}

bool upgrades(std::string_view start, std::string_view lines) {
    const delivered_request request(std::string(start) + "\r\nHost: a\r\n" + std::string(lines) +
                                    "\r\n");
    EXPECT_TRUE(request.is_complete());
    return request.head.wants_websocket;
}

TEST(connection_fields, e90_upgrades_to_websocket_alone) {
    const std::string_view get = "GET / HTTP/1.1";
    EXPECT_TRUE(upgrades(get, "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    EXPECT_TRUE(upgrades(get, "connection: keep-alive, upgrade\r\nUPGRADE: WebSocket\r\n"));
    for (const char* token :
         {"h2c", "h2c, websocket", "websocket, h2c", "TLS/1.0", "websocket/13", "", "websockets",
          "websocket\r\nUpgrade: h2c", "websocket\r\nUpgrade: websocket"})
        EXPECT_FALSE(
            upgrades(get, "Connection: Upgrade\r\nUpgrade: " + std::string(token) + "\r\n"))
            << token;
    EXPECT_FALSE(upgrades(get, "Upgrade: websocket\r\n"));
    EXPECT_FALSE(upgrades(get, "Connection: Upgrade\r\n"));
}

TEST(connection_fields, e142_upgrades_a_get_of_http_1_1_without_a_body) {
    const std::string_view lines = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    EXPECT_FALSE(upgrades("GET / HTTP/1.0", lines));
    EXPECT_FALSE(upgrades("POST / HTTP/1.1", lines));
    EXPECT_FALSE(upgrades("GET / HTTP/1.1", std::string(lines) + "Content-Length: 5\r\n"));
    EXPECT_FALSE(upgrades("GET / HTTP/1.1", std::string(lines) + "Transfer-Encoding: chunked\r\n"));
}

TEST(connection_fields, e142_passes_the_handshake_unchanged) {
    EXPECT_EQ(forwarded("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n"
                        "Sec-WebSocket-Extensions: permessage-deflate\r\nOrigin: http://a\r\n"),
              "Host Sec-WebSocket-Key Sec-WebSocket-Version Sec-WebSocket-Protocol "
              "Sec-WebSocket-Extensions Origin");
}

TEST(connection_fields, te_trailers_is_found_in_the_list) {
    EXPECT_TRUE(delivered_request(get_with("TE: gzip, Trailers\r\n")).head.te_trailers);
    EXPECT_FALSE(delivered_request(get_with("TE: gzip\r\n")).head.te_trailers);
    EXPECT_FALSE(delivered_request(get_with("TE: trailers;q=0\r\n")).head.te_trailers);
}

}  // namespace
}  // namespace hawser::http::h1
