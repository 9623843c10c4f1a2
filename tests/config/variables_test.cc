// SPDX-License-Identifier: Apache-2.0
#include "config/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::config {
namespace {

using testing::HasSubstr;

std::optional<std::string> of_the_test(std::string_view name) {
    if (name == "PORT") return "8080";
    if (name == "EMPTY") return "";
    if (name == "TRICK") return "${PORT}";
    return std::nullopt;
}

std::expected<std::string, std::string> replaced(std::string_view text) {
    return replace_variables(text, of_the_test);
}

TEST(variables, are_replaced_wherever_they_stand) {
    EXPECT_EQ(replaced("${PORT}"), "8080");
    EXPECT_EQ(replaced("127.0.0.1:${PORT}/${PORT}"), "127.0.0.1:8080/8080");
}

TEST(variables, may_have_a_default) {
    EXPECT_EQ(replaced("${NOWHERE:-9090}"), "9090");
    EXPECT_EQ(replaced("${EMPTY:-9090}"), "9090");
    EXPECT_EQ(replaced("${PORT:-9090}"), "8080");
    EXPECT_EQ(replaced("${NOWHERE:-}"), "");
}

TEST(variables, that_are_unset_without_a_default_are_an_error) {
    EXPECT_EQ(replaced("${NOWHERE}").error(),
              "the variable `NOWHERE` is not set; ${NOWHERE:-default} would give it a default");
    EXPECT_EQ(replaced("${EMPTY}"), "");
}

TEST(variables, are_not_looked_for_in_values) { EXPECT_EQ(replaced("${TRICK}"), "${PORT}"); }

TEST(variables, leave_dollars_alone) {
    EXPECT_EQ(replaced("$$"), "$");
    EXPECT_EQ(replaced("$${PORT}"), "${PORT}");
    EXPECT_EQ(replaced("a$"), "a$");
    EXPECT_EQ(replaced("$PORT"), "$PORT");
}

TEST(variables, with_bad_names_or_ends_are_errors) {
    EXPECT_THAT(replaced("${PORT").error(), HasSubstr("without `}`"));
    for (const auto* text : {"${}", "${1A}", "${A-B}", "${a b}", "${:-x}"}) {
        EXPECT_THAT(replaced(text).error(), HasSubstr("names no variable")) << text;
    }
}

}  // namespace
}  // namespace hawser::config
