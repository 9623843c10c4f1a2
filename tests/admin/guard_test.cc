// SPDX-License-Identifier: Apache-2.0
#include "admin/guard.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace hawser::admin {
namespace {

bool may_ask(const std::string& host, std::vector<std::pair<std::string, std::string>> fields = {},
             const std::vector<std::string>& allowed = {}) {
    http::served_request asked;
    asked.host = host;
    asked.fields = std::move(fields);
    return reason_to_refuse(asked, allowed).empty();
}

TEST(admin_guard, e170_lets_the_loopback_ask) {
    for (const char* host : {"localhost", "LocalHost:9901", "localhost.", "127.0.0.1:9901",
                             "127.255.0.1", "[::1]", "[::1]:9901"})
        EXPECT_TRUE(may_ask(host)) << host;
}

TEST(admin_guard, e170_refuses_a_name_that_was_rebound) {
    for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "10.0.0.1", "[2001:db8::1]", "127.1", "localhost@evil.example"})
        EXPECT_FALSE(may_ask(host)) << host;
}

TEST(admin_guard, lets_configured_hosts_ask) {
    EXPECT_TRUE(may_ask("ops.example:9", {}, {"ops.example"}));
    EXPECT_TRUE(may_ask("ops.example:9", {}, {"ops.example:9"}));
    EXPECT_FALSE(may_ask("ops.example:8", {}, {"ops.example:9"}));
}

TEST(admin_guard, e170_refuses_pages_of_other_origins) {
    EXPECT_FALSE(may_ask("localhost:9901", {{"Origin", "http://evil.example"}}));
    EXPECT_FALSE(may_ask("localhost:9901", {{"Origin", "null"}}));
    EXPECT_FALSE(may_ask("localhost:9901", {{"origin", "http://localhost:8080"}}));
    EXPECT_TRUE(may_ask("localhost:9901", {{"Origin", "http://localhost:9901"}}));
}

TEST(admin_guard, e170_refuses_pages_of_other_sites) {
    EXPECT_FALSE(may_ask("localhost", {{"Sec-Fetch-Site", "cross-site"}}));
    EXPECT_FALSE(may_ask("localhost", {{"Sec-Fetch-Site", "same-site"}}));
    EXPECT_TRUE(may_ask("localhost", {{"Sec-Fetch-Site", "same-origin"}}));
    EXPECT_TRUE(may_ask("localhost", {{"Sec-Fetch-Site", "none"}}));
}

}  // namespace
}  // namespace hawser::admin
