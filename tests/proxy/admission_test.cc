// SPDX-License-Identifier: Apache-2.0
#include "proxy/admission.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace hawser::proxy {
namespace {

const io::ip_address one = io::ip_address::parse("192.0.2.1").value();
const io::ip_address other = io::ip_address::parse("192.0.2.2").value();

TEST(admission, e162_takes_as_many_as_the_process_may_have_and_no_more) {
    admission limit({});
    limit.limit_connections(2);
    admission::place first;
    admission::place second;
    admission::place third;
    EXPECT_TRUE(limit.take(first));
    EXPECT_TRUE(limit.take(second));
    EXPECT_FALSE(limit.take(third));
    EXPECT_EQ(limit.connections(), 2u) << "who was refused holds no place";
    first = {};
    EXPECT_TRUE(limit.take(third));
}

TEST(admission, a_place_that_moves_is_one_place) {
    admission limit({});
    admission::place first;
    EXPECT_TRUE(limit.take(first));
    {
        const admission::place moved = std::move(first);
        EXPECT_EQ(limit.connections(), 1u);
    }
    EXPECT_EQ(limit.connections(), 0u);
}

TEST(admission, e162_a_source_has_as_many_as_it_may_until_one_of_them_goes) {
    admission limit({});
    std::vector<admission::place> places(4);
    EXPECT_TRUE(limit.take_for(one, 2, places[0]));
    EXPECT_TRUE(limit.take_for(one, 2, places[1]));
    EXPECT_FALSE(limit.take_for(one, 2, places[2]));
    EXPECT_TRUE(limit.take_for(other, 2, places[2]));
    places[0] = {};
    EXPECT_TRUE(limit.take_for(one, 2, places[3]));
}

TEST(admission, e135_an_ipv6_64_is_one_source) {
    admission limit({});
    std::vector<admission::place> places(3);
    const auto take = [&](const char* address, admission::place& into) {
        return limit.take_for(io::ip_address::parse(address).value(), 1, into);
    };
    EXPECT_TRUE(take("2001:db8::1", places[0]));
    EXPECT_FALSE(take("2001:db8::2", places[1]));
    EXPECT_TRUE(take("2001:db8:0:1::1", places[2]));
}

}  // namespace
}  // namespace hawser::proxy
