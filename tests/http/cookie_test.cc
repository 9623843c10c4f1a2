// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hawser::http {
namespace {

field cookie_field(std::string_view value) {
    return {.name = "Cookie", .value = value, .line = {}, .id = field_id::cookie};
}

std::vector<std::string> all_of(std::string_view name, const std::vector<field>& fields) {
    std::vector<std::string> values;
    for (const std::string_view value : cookies_named(name, fields)) values.emplace_back(value);
    return values;
}

std::vector<std::string> all_of(std::string_view name, std::string_view value) {
    return all_of(name, std::vector<field>{cookie_field(value)});
}

using values = std::vector<std::string>;

std::string stripped(std::string_view value) {
    std::vector<char> out(value.size());
    return std::string(strip_cookie("mine", value, out));
}

std::string unmarked(std::string_view value) {
    std::vector<char> out(value.size());
    return std::string(unmark_cookie("mine", 4, value, out));
}

TEST(cookie, a_mark_stands_before_a_value_and_a_tilde) {
    EXPECT_EQ(split_mark("Ab-_~x", 4).mark, "Ab-_");
    EXPECT_EQ(split_mark("Ab-_~x", 4).value, "x");
    EXPECT_EQ(split_mark("Ab-_~", 4).value, "");
    for (const auto* value : {"", "x", "Ab-_", "Ab-_x~", "Ab-.~x", "Ab=_~x", "~Ab-_", "Ab-~x"}) {
        EXPECT_EQ(split_mark(value, 4).mark, "") << value;
        EXPECT_EQ(split_mark(value, 4).value, value);
    }
}

TEST(cookie, marks_are_taken_off_and_all_else_stays_byte_for_byte) {
    EXPECT_EQ(unmarked("mine=AAAA~x"), "mine=x");
    EXPECT_EQ(unmarked("a=1;  mine =  AAAA~x ; b=AAAA~2"), "a=1;  mine =  x ; b=AAAA~2");
    EXPECT_EQ(unmarked("mine=AAAA~x; mine=BBBB~y; mine=z"), "mine=x; mine=y; mine=z");
    EXPECT_EQ(unmarked("mine=AAAA~BBBB~x"), "mine=BBBB~x") << "one mark is ours";
    for (const auto* value : {"", ";", "mine=x", "mine", "mine=", "other=AAAA~x", "mine=AAAA",
                              "; ;mine=a~b", "minex=AAAA~x"})
        EXPECT_EQ(unmarked(value), value);
}

TEST(cookie, e150_finds_ours_among_a_hundred_others) {
    std::string value;
    for (int i = 0; i < 100; ++i) {
        value += "name" + std::to_string(i) + "=value; ";
        if (i == 57) value += "mine=x; ";
    }
    EXPECT_EQ(find_cookie("mine", std::vector<field>{cookie_field(value)}), "x");
}

TEST(cookie, e150_finds_ours_in_the_second_field) {
    EXPECT_EQ(all_of("mine", {cookie_field("a=1; b=2"),
                              {.name = "A", .value = "mine=no", .line = {}},
                              cookie_field("mine=x")}),
              values{"x"});
}

TEST(cookie, e150_finds_ours_whatever_stands_between) {
    for (const char* value :
         {"mine=x", "a=1;mine=x", "a=1;\tmine=x\t;b=2", ";;; mine=x", "junk; mine=x", "a; ;mine=x;",
          "=; mine=x", "a=1 ;  mine=x  ", "a=b=c; mine=x", "mine = x"})
        EXPECT_EQ(all_of("mine", value), values{"x"}) << value;
}

TEST(cookie, e150_takes_exact_names_only) {
    for (const char* value : {"xmine=v", "minex=v", "x=mine=v", "Mine=v", "MINE=v", "mine", "min=e",
                              "a=mine", "a=; b=mine=x", "", "mi ne=v", "a=b mine=x", "a=b,mine=x"})
        EXPECT_EQ(all_of("mine", value), values{}) << value;
}

TEST(cookie, e151_splits_at_semicolons_only) {
    EXPECT_EQ(all_of("mine", "a=\"x; mine=1; y\"; mine=2"), (values{"1", "2"}));
    EXPECT_EQ(all_of("mine", "a=\"; mine=1"), values{"1"});
    EXPECT_EQ(all_of("mine", "a=\"mine=1\""), values{});
}

TEST(cookie, e151_takes_our_value_out_of_quotes) {
    EXPECT_EQ(all_of("mine", "mine=\"x\""), values{"x"});
    EXPECT_EQ(all_of("mine", "mine=\"x"), values{"\"x"});
    EXPECT_EQ(all_of("mine", "mine=\""), values{"\""});
    EXPECT_EQ(all_of("mine", "mine=\"\""), values{""});
}

TEST(cookie, e153_gives_every_value_in_order) {
    EXPECT_EQ(all_of("mine", {cookie_field("mine=1; a=b; mine=2"), cookie_field("mine=3")}),
              (values{"1", "2", "3"}));
}

TEST(cookie, e152_strips_every_copy_and_nothing_else) {
    EXPECT_EQ(stripped("a=1; mine=x; b=2"), "a=1; b=2");
    EXPECT_EQ(stripped("mine=x; b=2"), "b=2");
    EXPECT_EQ(stripped("a=1; mine=x"), "a=1");
    EXPECT_EQ(stripped("mine=x;a=1;mine=y;;b=\"2; mine=z; c\";mine="), "a=1;;b=\"2; c\"");
    EXPECT_EQ(stripped("a = 1 ;\tb\t; =;mine =x"), "a = 1 ;\tb\t; =");
    EXPECT_EQ(stripped("a=1; minex=2; xmine=3; mine"), "a=1; minex=2; xmine=3; mine");
}

TEST(cookie, e152_leaves_nothing_of_a_field_that_held_only_ours) {
    for (const char* value : {"mine=x", "mine=x; mine=y", "mine=x;", ";mine=x", "; ;mine=x; ;"})
        EXPECT_EQ(stripped(value), "") << value;
}

TEST(cookie, strips_what_it_finds) {
    for (const char* value : {"mine=x", "\tmine\t=x", "a;mine=", "mine=\"x\""}) {
        EXPECT_TRUE(has_cookie("mine", value)) << value;
        EXPECT_FALSE(has_cookie("mine", stripped(value))) << value;
    }
}

TEST(set_cookie, e156_is_http_only_with_path_and_same_site) {
    std::string lines;
    append_set_cookie({.name = "hawser-1", .value = "abc"}, lines);
    EXPECT_EQ(lines, "Set-Cookie: hawser-1=abc; Path=/; HttpOnly; SameSite=Lax\r\n");
    lines.clear();
    append_set_cookie({.name = "__Host-x",
                       .value = "abc",
                       .cross_site = same_site::none,
                       .secure = true,
                       .max_age = 60},
                      lines);
    EXPECT_EQ(lines,
              "Set-Cookie: __Host-x=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=None\r\n");
}

// ---- what a server sets -------------------------------------------------------------------

constexpr wall_time now{std::chrono::seconds(1'000'000'000)};

TEST(read_set_cookie, reads_name_and_value_as_browsers_do) {
    const auto plain = read_set_cookie("SID=31d4; Path=/; Secure", now);
    EXPECT_EQ(plain.name, "SID");
    EXPECT_EQ(plain.value, "31d4");
    EXPECT_FALSE(plain.is_deleted);
    EXPECT_EQ(read_set_cookie(" SID =\t\"a b\" ;x", now).name, "SID");
    EXPECT_EQ(read_set_cookie(" SID =\t\"a b\" ;x", now).value, "a b");
    EXPECT_EQ(read_set_cookie("SID=a=b", now).value, "a=b");
    EXPECT_EQ(read_set_cookie("SID", now).name, "SID");
    EXPECT_EQ(read_set_cookie("SID", now).value, "");
    EXPECT_EQ(read_set_cookie("", now).name, "");
}

TEST(read_set_cookie, knows_a_cookie_that_is_over) {
    for (const char* text :
         {"a=b; Max-Age=0", "a=b;max-age=-5", "a=b; Max-Age = 00 ", "a=b; Max-Age=1; Max-Age=0",
          "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b; Max-Age=x; Expires=1 Jan 1999 1:1:1"})
        EXPECT_TRUE(read_set_cookie(text, now).is_deleted) << text;
    for (const char* text :
         {"a=b", "a=b; Max-Age=1", "a=b; Max-Age=", "a=b; Max-Age=x", "a=b; Max-Age=-",
          "a=b; Expires=nonsense", "a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
          "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b; x=Max-Age=0"})
        EXPECT_FALSE(read_set_cookie(text, now).is_deleted) << text;
}

TEST(read_set_cookie, tells_how_long_it_is_kept_in_the_servers_words) {
    const auto made =
        read_set_cookie("a=b; Max-Age=60; Expires=Fri, 31 Dec 9999 23:59:59 GMT", now);
    EXPECT_EQ(made.max_age, "60");
    EXPECT_EQ(made.expires, "Fri, 31 Dec 9999 23:59:59 GMT");
}

}  // namespace
}  // namespace hawser::http
