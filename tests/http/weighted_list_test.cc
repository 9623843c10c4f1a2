// SPDX-License-Identifier: Apache-2.0
#include "http/weighted_list.h"

#include <gtest/gtest.h>

namespace hawser::http {
namespace {

TEST(weighted_list, gives_the_weight_of_a_member) {
    EXPECT_EQ(weight_in("gzip", "gzip"), 1000u);
    EXPECT_EQ(weight_in("br;q=0.5, GZip ; Q=0.25", "gzip"), 250u);
    EXPECT_EQ(weight_in("text/html;level=1;q=0.7", "text/html"), 700u);
    EXPECT_EQ(weight_in("gzip;q=0", "gzip"), 0u);
    EXPECT_EQ(weight_in("gzip;q=1.000", "gzip"), 1000u);
    EXPECT_EQ(weight_in("gzip;q=0.001", "gzip"), 1u);
}

TEST(weighted_list, says_when_it_does_not_name_one) {
    EXPECT_EQ(weight_in("", "gzip"), std::nullopt);
    EXPECT_EQ(weight_in("x-gzip, gzipped, *", "gzip"), std::nullopt);
    EXPECT_EQ(weight_in(",, ;q=1,", "gzip"), std::nullopt);
}

TEST(weighted_list, takes_no_malformed_weight) {
    for (const auto* weight : {"", "2", "1.1", "1.001", "0.1234", "-1", ".5", "0.x", "nan"})
        EXPECT_EQ(weight_in(std::string("gzip;q=") + weight, "gzip"), std::nullopt) << weight;
}

}  // namespace
}  // namespace hawser::http
