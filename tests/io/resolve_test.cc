// SPDX-License-Identifier: Apache-2.0
#include "io/resolve.h"

#include <gtest/gtest.h>

namespace hawser::io {
namespace {

TEST(resolve, takes_numbers_as_they_are) {
    EXPECT_EQ(resolve("10.0.0.1:80").value().text(), "10.0.0.1:80");
    EXPECT_EQ(resolve("[::1]:80").value().text(), "[::1]:80");
    EXPECT_EQ(resolve("unix:/run/a").value().text(), "unix:/run/a");
}

TEST(resolve, looks_up_a_name) {
    const auto found = resolve("localhost:8000");

    ASSERT_TRUE(found) << found.error().context;
    EXPECT_TRUE(found->ip().is_loopback());
    EXPECT_EQ(found->port(), 8000);
}

TEST(resolve, a_text_that_is_no_address_is_invalid) {
    for (const auto* text :
         {"localhost", "localhost:0", ":80", "[localhost]:80", "unix:", "::1:80"}) {
        const auto found = resolve(text);
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, errc::invalid) << text;
    }
}

TEST(resolve, a_name_that_nobody_knows_is_an_error_that_names_it) {
    const auto found = resolve("no-such-host.invalid:80");

    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().code == errc::not_found || found.error().code == errc::unavailable);
    EXPECT_NE(found.error().context.find("no-such-host.invalid"), std::string::npos);
}

}  // namespace
}  // namespace hawser::io
