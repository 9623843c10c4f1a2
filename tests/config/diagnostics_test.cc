// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace hawser::config {
namespace {

using testing::HasSubstr;

position at(unsigned line, unsigned column) {
    return {std::make_shared<const std::string>("f"), line, column};
}

TEST(diagnostics, are_told_in_the_order_of_the_file) {
    diagnostics out;
    out.error(at(9, 2), "late");
    out.warning(at(2, 5), "risky-thing", "early");
    out.error(at(2, 1), "first");

    EXPECT_EQ(out.text(),
              "f:2:1: error: first\n"
              "f:2:5: warning: early [risky-thing]\n"
              "f:9:2: error: late\n");
    EXPECT_EQ(out.error_count(), 2u);
    EXPECT_EQ(out.warning_count(), 1u);
}

TEST(diagnostics, are_bounded_and_the_rest_is_counted) {
    diagnostics out;
    for (unsigned i = 1; i <= limits::problems_max + 7; ++i) out.error(at(i, 1), "wrong");

    EXPECT_EQ(out.sorted().size(), limits::problems_max);
    EXPECT_THAT(out.text(), HasSubstr("... and 7 more\n"));
}

TEST(diagnostics, become_json_whatever_bytes_they_hold) {
    diagnostics out;
    out.error(at(1, 2), "a \"quote\", a line\nand \xff");

    EXPECT_THAT(out.json(), HasSubstr("\"valid\": false"));
    EXPECT_THAT(out.json(), HasSubstr("\"line\": 1"));
    EXPECT_THAT(out.json(), HasSubstr(R"(a \"quote\", a line\nand )"));
}

TEST(diagnostics, turn_warnings_into_errors_when_asked) {
    diagnostics out;
    out.warning(at(1, 1), "risky-thing", "hm");
    EXPECT_FALSE(out.has_errors());

    out.make_warnings_errors();
    EXPECT_TRUE(out.has_errors());
    EXPECT_EQ(out.text(), "f:1:1: error: hm [risky-thing]\n");
}

}  // namespace
}  // namespace hawser::config
