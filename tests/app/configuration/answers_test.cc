// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "app/configuration/load.h"
#include "base/limits.h"

namespace hawser::app {
namespace {

using testing::HasSubstr;

loaded with_route(const std::string& route, const std::string& file = "f") {
    return load_text(
        "listeners: {web: {bind: ':80'}}\npools: {shop: {servers: {a: 10.0.0.1:80}}}\n"
        "routes:\n  - {pool: shop, path: /shop}\n  - " +
            route + "\n",
        file, [](std::string_view) { return std::nullopt; });
}

std::string problems_of(const std::string& route) { return with_route(route).problems.text(); }

TEST(route_answers, are_read_short_and_long) {
    const auto moved = with_route("{redirect: 'https://{host}/'}").settings.value().routes[1];
    EXPECT_EQ(moved.redirect->to, "https://{host}/");
    EXPECT_EQ(moved.redirect->status, 302u);
    const auto fixed = with_route("{respond: {status: 404, body: gone}}").settings.value();
    EXPECT_EQ(fixed.routes[1].respond->body.text, "gone");
    EXPECT_EQ(with_route("{respond: 204}").settings.value().routes[1].respond->status, 204u);
}

TEST(route_answers, are_one_for_each_route) {
    EXPECT_THAT(problems_of("{path: /x}"),
                HasSubstr("f:5:5: error: leads nowhere: it needs a `pool`, a `redirect` or"));
    EXPECT_THAT(problems_of("{pool: shop, respond: 200}"), HasSubstr("needs one of `pool`"));
    EXPECT_THAT(problems_of("{respond: 200, rewrite-path: /x}"), HasSubstr("but leads to no"));
    EXPECT_THAT(problems_of("{respond: 200, compress: {}}"), HasSubstr("but leads to no `pool`"));
}

TEST(route_answers, name_what_cannot_be_sent) {
    EXPECT_THAT(problems_of("{redirect: {to: /x, status: 200}}"), HasSubstr("must be 301, 302"));
    EXPECT_THAT(problems_of("{redirect: 'https://a b/'}"), HasSubstr("is no URI"));
    EXPECT_THAT(problems_of("{redirect: '/{hots}'}"), HasSubstr("unknown `{hots}`"));
    EXPECT_THAT(problems_of("{path: /x, redirect: '/{1}'}"), HasSubstr("has no groups"));
    EXPECT_THAT(problems_of("{path: '~^/(a)', redirect: '/{2}'}"), HasSubstr("fewer groups"));
    EXPECT_THAT(problems_of("{respond: 99}"), HasSubstr("must be at least 200"));
    EXPECT_THAT(problems_of("{respond: {body: x, content-type: html}}"), HasSubstr("media type"));
}

TEST(route_answers, name_paths_that_cannot_be_sent_on) {
    EXPECT_THAT(problems_of("{pool: shop, rewrite-path: x}"), HasSubstr("must begin with `/`"));
    EXPECT_THAT(problems_of("{pool: shop, rewrite-path: '/x?y'}"), HasSubstr("is no path"));
    EXPECT_THAT(problems_of("{pool: shop, rewrite-path: '/{host}'}"), HasSubstr("only groups"));
    EXPECT_THAT(problems_of("{pool: shop, rewrite-path: '/{1}'}"), HasSubstr("has no groups"));
    EXPECT_EQ(problems_of("{pool: shop, path: '~^/(a)$', rewrite-path: '/{1}'}"), "");
}

TEST(error_pages, are_named_by_statuses_of_errors) {
    EXPECT_EQ(problems_of("{pool: shop, error-pages: {404: {html: x}, 5xx: {json: '{}'}}}"), "");
    for (const auto* status : {"200", "4x", "40x", "4044", "xx5"})
        EXPECT_THAT(
            problems_of("{pool: shop, error-pages: {" + std::string(status) + ": {html: x}}}"),
            HasSubstr("is no status of an error"))
            << status;
    EXPECT_THAT(problems_of("{pool: shop, error-pages: {404: {}}}"), HasSubstr("is empty"));
}

TEST(compression, names_codings_once) {
    EXPECT_EQ(problems_of("{pool: shop, compress: {with: [br: {level: 9}, gzip]}}"), "");
    EXPECT_THAT(problems_of("{pool: shop, compress: {with: [gzip, gzip]}}"), HasSubstr("twice"));
    EXPECT_THAT(problems_of("{pool: shop, compress: {with: []}}"), HasSubstr("must name"));
    EXPECT_THAT(problems_of("{pool: shop, compress: {with: [gzip: {level: 10}]}}"),
                HasSubstr("at most 9"));
    EXPECT_THAT(problems_of("{pool: shop, compress: {types: [html]}}"), HasSubstr("media type"));
}

class text_or_file_test : public testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(folder_ / "pages"); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string problems_of(const std::string& body) {
        const auto read = with_route("{respond: {body: " + body + "}}", folder_ / "hawser.yaml");
        if (read.settings) text_ = read.settings->routes[1].respond->body.text;
        return read.problems.text();
    }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / "hawser-text-or-file";
    std::string text_;
};

TEST_F(text_or_file_test, reads_a_file_from_the_configurations_folder) {
    write("pages/ok.html", std::string("<p>\0ok</p>\n", 11));
    EXPECT_EQ(problems_of("{file: pages/ok.html}"), "");
    EXPECT_EQ(text_, std::string("<p>\0ok</p>\n", 11));
    EXPECT_EQ(problems_of("{file: '" + (folder_ / "pages/ok.html").string() + "'}"), "");
}

TEST_F(text_or_file_test, tells_what_cannot_be_read) {
    EXPECT_THAT(problems_of("{file: pages/none}"), HasSubstr("hawser.yaml:5:29: error: `"));
    EXPECT_THAT(problems_of("{file: pages}"), HasSubstr("cannot be read"));
    EXPECT_THAT(problems_of("{path: x}"), HasSubstr("must be a text, or `{file: PATH}`"));
    write("large", std::string(limits::own_body_max + 1, 'x'));
    EXPECT_THAT(problems_of("{file: large}"), HasSubstr("is larger than 65536 bytes"));
    write("fits", std::string(limits::own_body_max, 'x'));
    EXPECT_EQ(problems_of("{file: fits}"), "");
}

}  // namespace
}  // namespace hawser::app
