// SPDX-License-Identifier: Apache-2.0
#include "http/raw_path.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "http/uri.h"

namespace hawser::http {
namespace {

TEST(raw_path, gives_what_is_below_as_it_was_sent) {
    EXPECT_EQ(path_below("/api/x%2Fy//z", 1), "/x%2Fy//z");
    EXPECT_EQ(path_below("/api", 1), "");
    EXPECT_EQ(path_below("/api/", 1), "/");
    EXPECT_EQ(path_below("/a/b/c", 2), "/c");
    EXPECT_EQ(path_below("/a/b", 0), "/a/b");
    EXPECT_EQ(path_below("//%61pi/./x/../y", 1), "/./x/../y");
    EXPECT_EQ(path_below("/x/../api/y", 1), "/y");
    EXPECT_EQ(path_below("/api/.%2E/api/y", 1), "/y");
    EXPECT_EQ(path_below("/api/a/../../api//y", 1), "//y");
}

std::string normal_of(std::string_view path) {
    std::array<char, 256> space;
    const auto normal = normal_path(path, space);
    return normal ? std::string(*normal) : "malformed";
}

TEST(raw_path, e37_what_is_below_another_prefix_means_the_same_there) {
    std::mt19937 random(5);
    constexpr std::array<std::string_view, 9> segments{"a",   "b",     "..", "%2e%2E", ".",
                                                       "%2e", "x%2Fy", "",   "..."};
    std::size_t tried = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string path;
        for (unsigned left = 1 + random() % 7; left > 0; --left)
            path.append("/").append(segments[random() % segments.size()]);
        const auto normal = normal_of(path);
        if (!normal.starts_with("/a/")) continue;
        ++tried;
        EXPECT_EQ(normal_of("/q" + std::string(path_below(path, 1))), "/q" + normal.substr(2))
            << path;
    }
    EXPECT_GT(tried, 500u);
}

TEST(raw_path, escapes_a_normal_form_as_paths_are) {
    std::string text;
    append_escaped_path("/a b?#%2F%2f100%\xff\r\n", text);
    EXPECT_EQ(text, "/a%20b%3F%23%2F%2f100%25%FF%0D%0A");
    EXPECT_TRUE(has_ambiguous_slash("/a%252fb"));
    EXPECT_TRUE(has_ambiguous_slash("/a%252/%252F"));
    EXPECT_FALSE(has_ambiguous_slash("/a%2F%25%252"));
}

TEST(raw_path, escapes_what_no_uri_holds) {
    std::string text;
    append_as_sent("/a%20b?x=[1]&\\\"<>^`{|}\r\n#\xff", text);
    EXPECT_EQ(text, "/a%20b?x=[1]&%5C%22%3C%3E%5E%60%7B%7C%7D%0D%0A%23%FF");
}

}  // namespace
}  // namespace hawser::http
