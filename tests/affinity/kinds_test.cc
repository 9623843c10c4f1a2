// SPDX-License-Identifier: Apache-2.0
#include "affinity/kinds.h"

#include <gtest/gtest.h>

#include <memory>

#include "affinity/cookie.h"
#include "crypto/rings.h"

namespace hawser::affinity {
namespace {

TEST(affinity_kinds, make_the_cookie_by_its_name) {
    using namespace std::chrono_literals;
    const context shop{.pool = "shop",
                       .with = std::make_shared<issuer>(crypto::ring_of({{1, crypto::at(0s)}}))};
    ASSERT_NE(kinds.find("cookie"), nullptr);
    const auto made = choice("cookie").make(shop);
    EXPECT_EQ(made->is().lasts.idle, 30min);
    EXPECT_EQ(made->is().lasts.absolute, 12h);
    EXPECT_EQ(made->is().hidden_cookie, cookie::name_in({}, "shop", false));
}

}  // namespace
}  // namespace hawser::affinity
