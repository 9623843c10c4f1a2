// SPDX-License-Identifier: Apache-2.0
#include "proxy/text_template.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hawser::proxy {
namespace {

const request_texts asked{.scheme = "http",
                          .authority = "shop.example:8080",
                          .host = "shop.example",
                          .path = "/old/a%20b",
                          .rest = "/a%20b",
                          .suffix = "?x=1&y",
                          .groups = {"/old/a b", "a b", ""}};

std::string filled(std::string_view text, const request_texts& from = asked) {
    const auto parsed = text_template::parse(text, 2);
    return parsed ? parsed->fill(from) : "wrong: " + parsed.error().context;
}

TEST(text_template, says_what_a_request_says) {
    EXPECT_EQ(filled("https://{host}{uri}"), "https://shop.example/old/a%20b?x=1&y");
    EXPECT_EQ(filled("{scheme}://{authority}{path}"), "http://shop.example:8080/old/a%20b");
    EXPECT_EQ(filled("/new{rest}?{query}&z"), "/new/a%20b?x=1&y&z");
    EXPECT_EQ(filled("/items/{1}{2}"), "/items/a%20b");
    EXPECT_EQ(filled("/{{1}"), "/{1}");
    EXPECT_EQ(filled("/fixed"), "/fixed");
}

TEST(text_template, tells_what_is_wrong) {
    EXPECT_TRUE(filled("/{hots}").starts_with("wrong: has an unknown `{hots}`"));
    EXPECT_TRUE(filled("/{}").starts_with("wrong: has an unknown `{}`"));
    EXPECT_TRUE(filled("/{3}").ends_with("has fewer groups"));
    EXPECT_TRUE(filled("/{host").starts_with("wrong: has `{` without `}`"));
    EXPECT_TRUE(text_template::parse("/{1}", 0).error().context.ends_with("has no groups"));
}

TEST(text_template, writes_nothing_that_ends_a_line_or_that_no_uri_holds) {
    auto broken = asked;
    broken.path = "/\\evil\"<x>";
    broken.groups = {"", "a\r\nSet-Cookie: b=c\xff", ""};
    EXPECT_EQ(filled("{path}", broken), "/%5Cevil%22%3Cx%3E");
    EXPECT_EQ(filled("/{1}", broken), "/a%0D%0ASet-Cookie:%20b=c%FF");
}

TEST(text_template, never_names_another_host_by_a_path) {
    auto open = asked;
    open.path = open.rest = "//evil.example/x";
    open.groups = {"", "/evil.example", ""};
    EXPECT_EQ(filled("{uri}", open), "/evil.example/x?x=1&y");
    EXPECT_EQ(filled("{rest}", open), "/evil.example/x");
    EXPECT_EQ(filled("/{rest}", open), "/evil.example/x");
    EXPECT_EQ(filled("/{1}", open), "/evil.example");
    EXPECT_EQ(filled("//cdn.example{path}", open), "//cdn.example//evil.example/x");
}

TEST(text_template, knows_what_it_needs) {
    EXPECT_TRUE(text_template::parse("https://{host}/", 0)->needs_host());
    EXPECT_FALSE(text_template::parse("{path}", 0)->needs_host());
    EXPECT_TRUE(text_template::parse("/{1}", 1)->has_groups());
    EXPECT_TRUE(text_template::parse("/{1}x", 1)->has_groups_alone());
    EXPECT_TRUE(text_template::parse("/x", 1)->has_groups_alone());
    EXPECT_FALSE(text_template::parse("/{1}{host}", 1)->has_groups_alone());
}

}  // namespace
}  // namespace hawser::proxy
