// SPDX-License-Identifier: Apache-2.0
#include "proxy/path_rewriting.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

std::string target_of(std::string_view line, const path_rewriting& how) {
    const parsed_request request(std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto target = rewrite_target(request.head(), "http", how);
    return target ? *target : "malformed";
}

path_rewriting prefix(std::size_t depth, std::string_view to) {
    return {.to = text_template::parse(to, 0).value(), .keeps_rest = true, .reading = {depth, {}}};
}

path_rewriting groups(std::string_view of, std::string_view to) {
    const auto compiled = http::pattern::compile(of).value();
    return {.to = text_template::parse(to, compiled.groups()).value(),
            .keeps_rest = false,
            .reading = {0, compiled}};
}

TEST(path_rewriting, puts_another_prefix_in_the_place_of_the_routes) {
    EXPECT_EQ(target_of("GET /api/x/y?z=1", prefix(1, "/v2")), "/v2/x/y?z=1");
    EXPECT_EQ(target_of("GET /api/x", prefix(1, "/v2/")), "/v2/x");
    EXPECT_EQ(target_of("GET /api/x", prefix(1, "/")), "/x");
    EXPECT_EQ(target_of("GET /api", prefix(1, "/")), "/");
    EXPECT_EQ(target_of("GET /api?q", prefix(1, "/v2")), "/v2?q");
    EXPECT_EQ(target_of("GET /x?", prefix(0, "/app")), "/app/x?");
}

TEST(path_rewriting, e37_leaves_what_is_below_byte_for_byte) {
    EXPECT_EQ(target_of("GET //api/%2e/a%2Fb//c/", prefix(1, "/v2")), "/v2/%2e/a%2Fb//c/");
    EXPECT_EQ(target_of("GET /x/../api/%41", prefix(1, "/")), "/%41");
}

TEST(path_rewriting, replaces_the_whole_path_by_groups_of_a_pattern) {
    EXPECT_EQ(target_of("GET /u/17/x?y", groups("^/u/([0-9]+)/", "/users/{1}")), "/users/17?y");
    const auto both = groups("^/u/([^/]+)/(.*)$", "/{2}/of/{1}");
    EXPECT_EQ(target_of("GET /u/a%20b/%C3%A4/x", both), "/%C3%A4/x/of/a%20b");
}

TEST(path_rewriting, e37_refuses_a_path_whose_groups_could_be_spelled_in_two_ways) {
    const auto files = groups("^/f/(.*)$", "/files/{1}");
    EXPECT_EQ(target_of("GET /f/a%2Fb", files), "/files/a%2Fb");
    EXPECT_EQ(target_of("GET /f/a%252Fb", files), "malformed");
}

TEST(path_rewriting, leaves_what_is_no_path) {
    EXPECT_EQ(target_of("OPTIONS *", prefix(0, "/app")), "*");
    EXPECT_EQ(target_of("GET http://a?x", prefix(0, "/app")), "/app/?x");
}

}  // namespace
}  // namespace hawser::proxy
