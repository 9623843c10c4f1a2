// SPDX-License-Identifier: Apache-2.0
#include "proxy/route.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

/// Conditions, of which a test names only what it is about.
struct when {
    std::string listener = {};
    std::string host = {};
    std::string path = {};
    std::vector<std::string> methods = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::vector<std::pair<std::string, std::string>> query = {};
};

/// Pools are numbered in the order of their conditions.
router of(const std::vector<when>& conditions) {
    std::vector<route> routes(conditions.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const when& each = conditions[i];
        routes[i].when = {each.listener, each.host,    each.path,
                          each.methods,  each.headers, each.query};
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

TEST(head_edits, touch_what_they_set_or_remove_in_any_letter_case) {
    const head_edits edits{.set = {{"X-Set", "1"}}, .remove = {"X-Gone"}};
    EXPECT_TRUE(edits.touches("x-set"));
    EXPECT_TRUE(edits.touches("X-GONE"));
    EXPECT_FALSE(edits.touches("X-Other"));

    std::string lines;
    edits.append_to(lines);
    EXPECT_EQ(lines, "X-Set: 1\r\n");
}

}  // namespace
}  // namespace hawser::proxy
