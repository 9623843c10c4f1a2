// SPDX-License-Identifier: Apache-2.0
#include "proxy/router.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

/// Pools are numbered in the order of their conditions.
router of(const std::vector<route_conditions>& conditions) {
    std::vector<route> routes(conditions.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
        routes[i].when = conditions[i];
        routes[i].pool = i;
    }
    return router(std::move(routes));
}

constexpr int none = -1;
constexpr int malformed = -2;

int pool_of(const router& routes, const std::string& head, std::string_view listener = "web") {
    const parsed_request request(head);
    const auto found = routes.find(listener, request.head());
    if (!found) return malformed;
    return *found == nullptr ? none : int((*found)->pool);
}

/// A GET for `target` at `host`.
std::string get(std::string_view target, std::string_view host = "shop.example",
                std::string_view fields = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" +
           std::string(fields) + "\r\n";
}

TEST(router, without_conditions_takes_everything) {
    const auto routes = of({{}});
    EXPECT_EQ(pool_of(routes, get("/")), 0);
    EXPECT_EQ(pool_of(routes, get("/a/b?c")), 0);
}

TEST(router, without_routes_finds_none) { EXPECT_EQ(pool_of(of({}), get("/")), none); }

TEST(router, an_exact_host_goes_before_a_wildcard_and_a_long_one_before_a_short) {
    const auto routes =
        of({{}, {.host = "*.example"}, {.host = "*.shop.example"}, {.host = "a.shop.example"}});
    EXPECT_EQ(pool_of(routes, get("/", "a.shop.example")), 3);
    EXPECT_EQ(pool_of(routes, get("/", "b.shop.example")), 2);
    EXPECT_EQ(pool_of(routes, get("/", "other.example")), 1);
    EXPECT_EQ(pool_of(routes, get("/", "elsewhere.test")), 0);
}

TEST(router, a_wildcard_is_for_names_below_alone) {
    const auto routes = of({{.host = "*.shop.example"}});
    EXPECT_EQ(pool_of(routes, get("/", "deep.down.shop.example")), 0);
    EXPECT_EQ(pool_of(routes, get("/", "shop.example")), none);
    EXPECT_EQ(pool_of(routes, get("/", "webshop.example")), none);
}

TEST(router, e44_letter_case_port_and_a_last_dot_of_the_host_do_not_count) {
    const auto routes = of({{.host = "shop.example"}});
    for (const auto* host :
         {"SHOP.example", "shop.example:8080", "shop.example.", "Shop.Example.:1"})
        EXPECT_EQ(pool_of(routes, get("/", host)), 0) << host;
}

TEST(router, a_prefix_ends_at_a_segments_edge) {
    for (const auto* prefix : {"/api", "/api/"}) {
        const auto routes = of({{.path = prefix}});
        EXPECT_EQ(pool_of(routes, get("/api")), 0) << prefix;
        EXPECT_EQ(pool_of(routes, get("/api/")), 0) << prefix;
        EXPECT_EQ(pool_of(routes, get("/api/x?y")), 0) << prefix;
        EXPECT_EQ(pool_of(routes, get("/apix")), none) << prefix;
        EXPECT_EQ(pool_of(routes, get("/ap")), none) << prefix;
    }
}

TEST(router, an_exact_path_goes_before_a_prefix_and_a_long_prefix_before_a_short) {
    const auto routes = of({{.path = "/"}, {.path = "/a/"}, {.path = "/a/b/"}, {.path = "=/a/b"}});
    EXPECT_EQ(pool_of(routes, get("/a/b")), 3);
    EXPECT_EQ(pool_of(routes, get("/a/b/c")), 2);
    EXPECT_EQ(pool_of(routes, get("/a/c")), 1);
    EXPECT_EQ(pool_of(routes, get("/c")), 0);
}

TEST(router, a_host_goes_before_any_path) {
    const auto routes = of({{.path = "=/a"}, {.host = "shop.example"}});
    EXPECT_EQ(pool_of(routes, get("/a")), 1);
    EXPECT_EQ(pool_of(routes, get("/a", "other.example")), 0);
}

TEST(router, e37_paths_are_compared_in_their_normal_form) {
    const auto routes = of({{.path = "/"}, {.path = "/admin/"}});
    for (const auto* path : {"/admin/x", "/%61dmin/x", "//admin//x", "/a/../admin/x", "/./admin/x",
                             "/a/%2e%2e/admin/x"})
        EXPECT_EQ(pool_of(routes, get(path)), 1) << path;
    EXPECT_EQ(pool_of(routes, get("/admin%2Fx")), 0);
}

TEST(router, e37_a_path_that_climbs_above_the_root_or_holds_a_nul_is_malformed) {
    const auto routes = of({{.path = "/"}});
    EXPECT_EQ(pool_of(routes, get("/../etc")), malformed);
    EXPECT_EQ(pool_of(routes, get("/a/%2e%2e/%2e%2e/etc")), malformed);
    EXPECT_EQ(pool_of(routes, get("/a%00")), malformed);
}

TEST(router, a_path_that_nobody_asks_for_is_not_judged) {
    EXPECT_EQ(pool_of(of({{}}), get("/../etc")), 0);
}

TEST(router, asks_for_the_listener) {
    const auto routes = of({{.listener = "intern"}});
    EXPECT_EQ(pool_of(routes, get("/"), "intern"), 0);
    EXPECT_EQ(pool_of(routes, get("/"), "web"), none);
}

TEST(router, asks_for_methods_in_their_letter_case) {
    const auto routes = of({{.methods = {"GET", "PURGE"}}});
    EXPECT_EQ(pool_of(routes, get("/")), 0);
    EXPECT_EQ(pool_of(routes, "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    EXPECT_EQ(pool_of(routes, "purge / HTTP/1.1\r\nHost: a\r\n\r\n"), none);
}

TEST(router, asks_for_fields_by_name_and_value) {
    const auto routes = of({{.headers = {{"X-Canary", ""}}}, {.headers = {{"X-Ring", "blue"}}}});
    EXPECT_EQ(pool_of(routes, get("/", "a", "x-canary: anything\r\n")), 0);
    EXPECT_EQ(pool_of(routes, get("/", "a", "X-Ring: red\r\nX-Ring: blue\r\n")), 1);
    EXPECT_EQ(pool_of(routes, get("/", "a", "X-Ring: Blue\r\n")), none);
    EXPECT_EQ(pool_of(routes, get("/", "a")), none);
}

TEST(router, asks_for_parameters_of_the_query) {
    const auto routes = of({{.query = {{"beta", ""}}}, {.query = {{"ring", "blue"}}}});
    EXPECT_EQ(pool_of(routes, get("/?a=1&beta")), 0);
    EXPECT_EQ(pool_of(routes, get("/?beta=2")), 0);
    EXPECT_EQ(pool_of(routes, get("/?ring=red&ring=blue")), 1);
    EXPECT_EQ(pool_of(routes, get("/?ring=bluer")), none);
    EXPECT_EQ(pool_of(routes, get("/?alphabeta")), none);
}

TEST(router, more_other_conditions_go_first) {
    const auto routes = of({{.path = "/"},
                            {.path = "/", .methods = {"GET"}},
                            {.path = "/", .methods = {"GET"}, .headers = {{"X-Canary", ""}}}});
    EXPECT_EQ(pool_of(routes, get("/", "a", "X-Canary: 1\r\n")), 2);
    EXPECT_EQ(pool_of(routes, get("/")), 1);
    EXPECT_EQ(pool_of(routes, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
}

TEST(router, a_pattern_goes_behind_every_prefix_and_before_no_path) {
    const auto routes =
        of({{}, {.path = R"(~^/[a-z]+/[0-9]+$)"}, {.path = "/shop/"}, {.path = "=/shop/1"}});
    EXPECT_EQ(pool_of(routes, get("/shop/1")), 3);
    EXPECT_EQ(pool_of(routes, get("/shop/2")), 2);
    EXPECT_EQ(pool_of(routes, get("/cart/2")), 1);
    EXPECT_EQ(pool_of(routes, get("/cart/x")), 0);
}

TEST(router, patterns_are_asked_in_the_order_of_the_configuration) {
    std::vector<route_conditions> conditions;
    for (int i = 0; i < 20; ++i)  // more than are asked in turn
        conditions.push_back({.path = "~^/" + std::to_string(i % 10) + "[0-9]*$"});
    conditions.push_back({.path = "~^/[0-9]+$"});
    const auto routes = of(conditions);
    EXPECT_EQ(pool_of(routes, get("/3")), 3);
    EXPECT_EQ(pool_of(routes, get("/99")), 9);
    EXPECT_EQ(pool_of(routes, get("/x")), none);
    EXPECT_EQ(pool_of(of({{.path = "~1"}, {.path = "~/1"}}), get("/1")), 0);
    EXPECT_EQ(pool_of(of({{.path = "~/1"}, {.path = "~1"}}), get("/1")), 0);
}

TEST(router, of_one_pattern_more_other_conditions_go_first) {
    const auto routes =
        of({{.path = "~^/a"}, {.path = "~/"}, {.path = "~^/a", .methods = {"GET"}}});
    EXPECT_EQ(pool_of(routes, get("/a")), 2);
    EXPECT_EQ(pool_of(routes, "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    EXPECT_EQ(pool_of(routes, get("/b")), 1);
}

TEST(router, e37_patterns_see_the_normal_form) {
    const auto routes = of({{.path = "~^/admin/[a-z]+$"}});
    for (const auto* path : {"/admin/x", "/%61dmin/x", "//admin//x", "/y/../admin/x"})
        EXPECT_EQ(pool_of(routes, get(path)), 0) << path;
    EXPECT_EQ(pool_of(routes, get("/admin%2Fx")), none);
    EXPECT_EQ(pool_of(routes, get("/a%00")), malformed);
}

TEST(router, what_other_conditions_refuse_falls_to_the_next) {
    const auto routes = of({{},
                            {.host = "shop.example", .path = "=/a", .methods = {"PUT"}},
                            {.host = "shop.example", .path = "/a", .methods = {"PUT"}},
                            {.host = "*.example", .methods = {"PUT"}},
                            {.path = "/", .methods = {"POST"}}});
    EXPECT_EQ(pool_of(routes, get("/a")), 0);
    EXPECT_EQ(pool_of(routes, "POST /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"), 4);
    EXPECT_EQ(pool_of(routes, "PUT /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"), 1);
    EXPECT_EQ(pool_of(routes, "PUT /b HTTP/1.1\r\nHost: shop.example\r\n\r\n"), 3);
}

TEST(router, a_target_that_is_no_path_has_no_prefix) {
    const auto routes = of({{}, {.path = "/"}});
    EXPECT_EQ(pool_of(routes, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
}

}  // namespace
}  // namespace hawser::proxy
