// SPDX-License-Identifier: Apache-2.0
#include "http/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::http {
namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string valid = "00-" + trace + "-b7ad6b7169203331-01";

TEST(trace_context, takes_what_the_standard_allows) {
    EXPECT_EQ(trace_id_of(valid), trace);
    EXPECT_EQ(trace_id_of("00-" + trace + "-b7ad6b7169203331-ff"), trace);
    EXPECT_EQ(trace_id_of("cc-" + trace + "-b7ad6b7169203331-01"), trace);
    EXPECT_EQ(trace_id_of("cc-" + trace + "-b7ad6b7169203331-01-what-comes"), trace);
}

TEST(trace_context, takes_nothing_else) {
    const std::string parent = "-b7ad6b7169203331";
    const std::string zeros(32, '0');
    for (const auto& broken :
         {std::string(), valid.substr(1), valid + "0", valid + "-", valid + "-more",
          "ff" + valid.substr(2), "0x" + valid.substr(2), "cc" + valid.substr(2) + ".more",
          "00-" + zeros + parent + "-01", "00-" + trace + "-0000000000000000-01",
          "00-0AF7651916CD43DD8448EB211C80319C" + parent + "-01", "00-" + trace + parent + "-0g",
          "00_" + trace + parent + "-01", "00-" + trace + "_b7ad6b7169203331-01",
          "00-" + trace + parent + "_01", "00-" + trace.substr(1) + "g" + parent + "-01",
          " " + valid.substr(1)})
        EXPECT_EQ(trace_id_of(broken), std::nullopt) << broken;
}

TEST(trace_context, begins_a_trace_that_is_valid) {
    EXPECT_EQ(new_traceparent({1, 0xabcdef}, 0x10).text(),
              "00-00000000000000010000000000abcdef-0000000000000010-01");
    EXPECT_TRUE(trace_id_of(new_traceparent({0, 0}, 0).text()).has_value());
}

}  // namespace
}  // namespace hawser::http
