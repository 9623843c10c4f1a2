// SPDX-License-Identifier: Apache-2.0
#include "proxy/route.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::proxy {
namespace {

TEST(route_rank, orders_by_host_then_path_then_the_number_of_others) {
    const auto goes_before = [](const route_conditions& a, const route_conditions& b) {
        return rank_of(a) > rank_of(b);
    };
    EXPECT_TRUE(goes_before({.host = "a"}, {.host = "*.long.example", .path = "=/x"}));
    EXPECT_TRUE(goes_before({.host = "*.b.example"}, {.host = "*.example", .path = "=/x"}));
    EXPECT_TRUE(goes_before({.host = "*.example"}, {.path = "=/x", .methods = {"GET"}}));
    EXPECT_TRUE(goes_before({.path = "=/x"}, {.path = "/long/prefix"}));
    EXPECT_TRUE(goes_before({.path = "/ab"}, {.path = "/a", .methods = {"GET"}}));
    EXPECT_TRUE(goes_before({.path = "/"}, {.path = "~^/long$"}));
    EXPECT_TRUE(goes_before({.path = "~x"}, {.methods = {"GET"}}));
    EXPECT_TRUE(goes_before({.methods = {"GET"}}, {}));
    EXPECT_EQ(rank_of({.path = "/api"}), rank_of({.path = "/api/"}));
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
