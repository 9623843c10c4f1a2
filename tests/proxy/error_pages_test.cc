// SPDX-License-Identifier: Apache-2.0
#include "proxy/error_pages.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::proxy {
namespace {

TEST(error_pages, come_in_the_form_that_the_client_rather_has) {
    EXPECT_EQ(wanted_form("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
              page_form::html);
    EXPECT_EQ(wanted_form("application/json, text/plain, */*"), page_form::json);
    EXPECT_EQ(wanted_form("application/problem+json"), page_form::json);
    EXPECT_EQ(wanted_form("text/html;q=0.5, application/json;q=0.6"), page_form::json);
    EXPECT_EQ(wanted_form("text/html, application/json"), page_form::html);
    EXPECT_EQ(wanted_form("*/*"), page_form::plain);
    EXPECT_EQ(wanted_form("text/html;q=0"), page_form::plain);
    EXPECT_EQ(wanted_form(""), page_form::plain);
}

std::string body_of(unsigned status, page_form form, const error_pages* first,
                    const error_pages* second = nullptr) {
    std::string space;
    return std::string(page_for(status, form, {first, second, nullptr}, space).body);
}

TEST(error_pages, are_the_nearest_of_their_status_then_of_its_class) {
    const error_pages route{{404, {.html = "route 404", .json = ""}}};
    const error_pages listener{{4, {.html = "any 4", .json = "{4}"}},
                               {404, {.html = "", .json = "{404}"}}};
    EXPECT_EQ(body_of(404, page_form::html, &route, &listener), "route 404");
    EXPECT_EQ(body_of(404, page_form::json, &route, &listener), "{404}");
    EXPECT_EQ(body_of(413, page_form::html, &route, &listener), "any 4");
    EXPECT_EQ(body_of(413, page_form::plain, &route, &listener), "any 4");
    EXPECT_EQ(body_of(404, page_form::plain, &listener), "{404}");
}

TEST(error_pages, have_short_ones_where_there_are_none) {
    std::string space;
    const auto json = page_for(503, page_form::json, {}, space);
    EXPECT_EQ(json.content_type, "application/json");
    EXPECT_EQ(json.body, "{\"status\":503,\"error\":\"Service Unavailable\"}\n");
    EXPECT_EQ(body_of(404, page_form::plain, nullptr), "Not Found\n");
    const auto html = page_for(404, page_form::html, {}, space);
    EXPECT_EQ(html.content_type, "text/html; charset=utf-8");
    EXPECT_TRUE(html.body.contains("<h1>404 Not Found</h1>"));
}

}  // namespace
}  // namespace hawser::proxy
