// SPDX-License-Identifier: Apache-2.0
#include "app/command/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hawser::app {
namespace {

using testing::HasSubstr;

const loaded& shop() {
    static const auto read = load_text(
        "listeners: {web: {bind: ':80'}, intern: {bind: ':81'}}\n"
        "pools: {shop: {servers: {a: 10.0.0.1:80}}, api: {servers: {a: 10.0.0.2:80}}}\n"
        "routes:\n"
        "  - pool: shop\n"
        "  - {host: shop.example, path: '~^/x/[0-9]+$', pool: api}\n"
        "  - {host: shop.example, path: /api/, pool: api}\n"
        "  - {host: shop.example, path: =/api/x, method: PUT, pool: shop}\n"
        "  - {host: '*.example', header: {X-Ring: blue}, pool: api}\n",
        "f", [](std::string_view) { return std::nullopt; });
    return read;
}

std::string told(routes_question asked) {
    const auto text = show_routes(shop(), asked);
    return text ? *text : text.error().context;
}

TEST(check_routes, prints_the_order_in_which_routes_are_asked) {
    EXPECT_EQ(told({}),
              "ORDER  HOST          PATH          OTHER CONDITIONS    LEADS TO   WRITTEN AT\n"
              "1      shop.example  =/api/x       method PUT          pool shop  f:7:5\n"
              "2      shop.example  /api/                             pool api   f:6:5\n"
              "3      shop.example  ~^/x/[0-9]+$                      pool api   f:5:5\n"
              "4      *.example     any           header X-Ring=blue  pool api   f:8:5\n"
              "5      any           any                               pool shop  f:4:5\n");
}

TEST(check_routes, prints_the_same_as_json) {
    const auto text = told({.json = true});
    EXPECT_THAT(text, HasSubstr("\"order\": 5"));
    EXPECT_THAT(text, HasSubstr("\"path\": \"~^/x/[0-9]+$\""));
    EXPECT_THAT(text, HasSubstr("\"written_at\": \"f:7:5\""));
}

TEST(check_routes, tells_which_route_a_request_finds_and_why) {
    EXPECT_EQ(told({.request = "GET https://Shop.example:8443/api/x?y"}),
              "GET https://Shop.example:8443/api/x?y at listener intern: pool api\n"
              "  not the route at f:7:5: the method is another\n"
              "  by route 2, host shop.example, path /api/, at f:6:5\n");
    EXPECT_EQ(told({.request = "GET http://b.example/", .listener = "web"}),
              "GET http://b.example/ at listener web: pool shop\n"
              "  not the route at f:8:5: it has no header X-Ring=blue\n"
              "  by route 5, host any, path any, at f:4:5\n");
    EXPECT_THAT(told({.request = "GET http://b.example/", .headers = {"X-Ring: blue"}}),
                HasSubstr("pool api"));
    EXPECT_THAT(told({.request = "GET /", .headers = {"Host: b.example", "X-Ring: blue"}}),
                HasSubstr("pool api"));
}

TEST(check_routes, tells_what_becomes_of_a_path_that_cannot_be_compared) {
    EXPECT_THAT(told({.request = "GET http://shop.example/../x"}), HasSubstr("400: its path"));
}

TEST(check_routes, tells_what_is_wrong_with_a_question) {
    EXPECT_THAT(told({.request = "shop.example/x"}), HasSubstr("this is no request"));
    EXPECT_THAT(told({.request = "GET http://a/", .listener = "wbe"}),
                HasSubstr("there is no listener `wbe`"));
}

}  // namespace
}  // namespace hawser::app
