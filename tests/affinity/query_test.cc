// SPDX-License-Identifier: Apache-2.0
#include "affinity/query.h"

#include <gtest/gtest.h>

#include <string>

#include "affinity/pool.h"
#include "base/limits.h"

namespace hawser::affinity {
namespace {

finding of(pool& shop, std::string_view text) { return shop.find(head_with().target("/", text)); }

TEST(query, finds_its_parameter_at_any_place) {
    pool shop({made<query>({.name = "sid"})});
    const auto key = of(shop, "sid=1").key;
    EXPECT_FALSE(key.empty());
    EXPECT_EQ(of(shop, "a=b&sid=1").key, key);
    EXPECT_EQ(of(shop, "sid=1&a=b").key, key);
    EXPECT_EQ(of(shop, "&&sid=1&").key, key);
    EXPECT_NE(of(shop, "sid=2").key, key);
    EXPECT_TRUE(of(shop, "xsid=1").key.empty());
    EXPECT_TRUE(of(shop, "sid2=1").key.empty());
    EXPECT_TRUE(of(shop, "SID=1").key.empty()) << "names of parameters are case-sensitive";
    EXPECT_TRUE(of(shop, "a=sid=1").key.empty());
}

TEST(query, takes_an_escaped_value_for_what_it_stands_for) {
    pool shop({made<query>({.name = "sid"})});
    EXPECT_EQ(of(shop, "sid=a%2Fb").key, of(shop, "sid=a/b").key);
    EXPECT_EQ(of(shop, "sid=%61").key, of(shop, "sid=a").key);
    EXPECT_EQ(of(shop, "sid=%22a%22").key, of(shop, "sid=a").key) << "quotes do not count";
    EXPECT_NE(of(shop, "sid=%2561").key, of(shop, "sid=a").key) << "decoded once, not twice";
    EXPECT_FALSE(of(shop, "sid=%zz").key.empty()) << "what is no escape stays as it is";
    EXPECT_NE(of(shop, "sid=a+b").key, of(shop, "sid=a%20b").key) << "ids of base64 have a plus";
}

TEST(query, an_empty_value_is_none) {
    pool shop({made<query>({.name = "sid"})});
    EXPECT_TRUE(of(shop, "sid=").key.empty());
    EXPECT_TRUE(of(shop, "sid").key.empty());
    EXPECT_EQ(of(shop, "sid").why, cause::no_key);
}

TEST(query, differing_values_name_nobody) {
    pool shop({made<query>({.name = "sid"})});
    EXPECT_EQ(of(shop, "sid=1&sid=1").key, of(shop, "sid=1").key);
    EXPECT_EQ(of(shop, "sid=1&sid=2").why, cause::ambiguous);
    EXPECT_EQ(of(shop, "sid=a&sid=%61").why, cause::ambiguous) << "compared as they were sent";
}

TEST(query, a_value_past_the_limit_is_none_however_it_is_spelled) {
    pool shop({made<query>({.name = "sid"})});
    std::string escaped;
    for (std::size_t n = 0; n < limits::session_value_max; ++n) escaped += "%61";
    const std::string plain(limits::session_value_max, 'a');
    EXPECT_EQ(of(shop, "sid=" + escaped).key, of(shop, "sid=" + plain).key);
    EXPECT_EQ(of(shop, "sid=" + plain + "a").why, cause::forged);
    EXPECT_EQ(of(shop, "sid=" + escaped + "%61").why, cause::forged);
}

}  // namespace
}  // namespace hawser::affinity
