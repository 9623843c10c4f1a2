// SPDX-License-Identifier: Apache-2.0
#include "admin/visitors.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace hawser::admin {
namespace {

constexpr steady_time start{std::chrono::hours(1)};

http::served_request from(const std::string& address) {
    http::served_request asked;
    asked.peer = io::endpoint::parse(address).value();
    return asked;
}

TEST(admin_visitors, may_ask_as_often_as_the_limit_says_each) {
    visitors all;
    for (unsigned i = 0; i < limits::admin_requests_burst; ++i)
        ASSERT_TRUE(all.may_ask(from("192.0.2.1:" + std::to_string(i + 1)), start));
    EXPECT_FALSE(all.may_ask(from("192.0.2.1:9"), start)) << "another port is the same peer";
    EXPECT_TRUE(all.may_ask(from("192.0.2.2:9"), start));
    EXPECT_TRUE(all.may_ask(from("192.0.2.1:9"), start + std::chrono::seconds(1)));
}

TEST(admin_visitors, may_fail_only_a_few_times) {
    visitors all;
    for (unsigned i = 0; i < limits::admin_failures_burst; ++i)
        ASSERT_TRUE(all.may_fail(from("192.0.2.1:1"), start));
    EXPECT_FALSE(all.may_fail(from("192.0.2.1:1"), start));
    EXPECT_TRUE(all.may_ask(from("192.0.2.1:1"), start));
}

TEST(admin_visitors, are_told_apart_by_user_at_a_unix_socket) {
    http::served_request asked;
    EXPECT_EQ(origin_of(asked), "unix");
    asked.user = 7;
    EXPECT_EQ(origin_of(asked), "uid 7");
    EXPECT_EQ(origin_of(from("[2001:db8::1]:80")), "2001:db8::1");
}

}  // namespace
}  // namespace hawser::admin
