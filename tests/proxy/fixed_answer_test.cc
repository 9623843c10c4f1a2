// SPDX-License-Identifier: Apache-2.0
#include "proxy/fixed_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

std::string location(const std::string& head, std::string_view to) {
    const parsed_request request(head + "\r\n\r\n");
    fixed_answer by;
    by.location = text_template::parse(to, 0).value();
    by.reading.depth = 1;
    const auto made = location_for(request.head(), "http", by);
    return made ? *made : "malformed";
}

TEST(fixed_answer, sends_a_request_where_the_template_says) {
    EXPECT_EQ(location("GET /old/x?y HTTP/1.1\r\nHost: a.example:80", "https://{host}{uri}"),
              "https://a.example/old/x?y");
    EXPECT_EQ(location("GET http://b.example HTTP/1.1\r\nHost: b.example", "https://{host}{uri}"),
              "https://b.example/");
    EXPECT_EQ(location("GET /old/x HTTP/1.1\r\nHost: [::1]:80", "https://{host}/new{rest}"),
              "https://[::1]/new/x");
}

TEST(fixed_answer, e43_cannot_name_a_host_that_is_not_there) {
    EXPECT_EQ(location("GET /old HTTP/1.0", "https://{host}/"), "malformed");
    EXPECT_EQ(location("GET /old HTTP/1.0", "/new{rest}"), "/new");
}

}  // namespace
}  // namespace hawser::proxy
