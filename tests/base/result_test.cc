// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace hawser {
namespace {

result<int> half_of(int n) {
    if (n % 2 != 0) return fail(errc::invalid, "odd");
    return n / 2;
}

TEST(result, carries_the_value_of_a_success) { EXPECT_EQ(half_of(4).value(), 2); }

TEST(result, carries_code_and_context_of_a_failure) {
    const auto outcome = half_of(3);

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, errc::invalid);
    EXPECT_EQ(outcome.error().context, "odd");
}

TEST(error, is_not_safe_to_retry_unless_someone_says_so) {
    EXPECT_FALSE(error{}.safe_to_retry);
    EXPECT_FALSE(half_of(3).error().safe_to_retry);
    EXPECT_TRUE(result<>(fail(errc::refused, "", true)).error().safe_to_retry);
}

TEST(system_error, says_what_was_being_done_and_what_the_system_answered) {
    const auto trouble = system_error(ECONNREFUSED, "connect to 10.0.0.1:80");

    EXPECT_EQ(trouble.code, errc::refused);
    EXPECT_EQ(trouble.context, "connect to 10.0.0.1:80: Connection refused");
    EXPECT_FALSE(trouble.safe_to_retry);
}

TEST(system_error, sorts_the_numbers_that_decisions_hang_on) {
    EXPECT_EQ(system_error(EPIPE, "").code, errc::reset);
    EXPECT_EQ(system_error(ECONNRESET, "").code, errc::reset);
    EXPECT_EQ(system_error(EHOSTUNREACH, "").code, errc::unreachable);
    EXPECT_EQ(system_error(ETIMEDOUT, "").code, errc::timed_out);
    EXPECT_EQ(system_error(EADDRINUSE, "").code, errc::address_in_use);
    EXPECT_EQ(system_error(EMFILE, "").code, errc::exhausted);
    EXPECT_EQ(system_error(ENOENT, "").code, errc::not_found);
    EXPECT_EQ(system_error(EINVAL, "").code, errc::system);
}

TEST(errc, names_are_words_with_hyphens) {
    EXPECT_EQ(name_of(errc::timed_out), "timed-out");
    EXPECT_EQ(name_of(errc::no_server), "no-server");
}

}  // namespace
}  // namespace hawser
