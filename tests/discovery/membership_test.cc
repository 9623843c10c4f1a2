// SPDX-License-Identifier: Apache-2.0
#include "discovery/membership.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/limits.h"

namespace hawser::discovery {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

sighting seen(std::string name, std::string_view address = "192.0.2.1:8000") {
    return {.name = std::move(name), .address = io::endpoint::parse(address).value()};
}

/// `a b -c`: c is leaving.
std::string names_of(const membership& all) {
    std::string text;
    for (const auto& each : all.members())
        text +=
            (text.empty() ? "" : " ") + std::string(each.gone_since ? "-" : "") + each.seen.name;
    return text;
}

TEST(membership, belongs_to_those_who_were_seen_in_whatever_order) {
    membership all;

    EXPECT_TRUE(all.take({seen("b"), seen("a")}, farewell::drain, start));
    EXPECT_FALSE(all.take({seen("a"), seen("b")}, farewell::drain, start + 1s));

    EXPECT_EQ(names_of(all), "a b");
}

TEST(membership, ends_with_the_sessions_of_a_server_that_is_seen_no_more) {
    membership all;
    all.take({seen("a"), seen("b")}, farewell::drain, start);

    EXPECT_TRUE(all.take({seen("a")}, farewell::drain, start + 1s));
    EXPECT_EQ(names_of(all), "a -b");
    EXPECT_EQ(all.leaving(), 1u);
    EXPECT_FALSE(all.take({seen("a")}, farewell::drain, start + 2s)) << "it is leaving already";

    EXPECT_FALSE(all.let_go([](std::string_view) { return false; }));
    EXPECT_TRUE(all.let_go([](std::string_view) { return true; })) << "nobody else is let go";
    EXPECT_EQ(names_of(all), "a");
}

TEST(membership, ends_at_once_where_the_pool_says_so) {
    membership all;
    all.take({seen("a"), seen("b")}, farewell::drop, start);

    EXPECT_TRUE(all.take({seen("a")}, farewell::drop, start));

    EXPECT_EQ(names_of(all), "a");
}

TEST(membership, goes_on_for_a_server_that_is_seen_again) {
    membership all;
    all.take({seen("a"), seen("b")}, farewell::drain, start);
    all.take({seen("a")}, farewell::drain, start + 1s);

    EXPECT_TRUE(all.take({seen("a"), seen("b")}, farewell::drain, start + 2s));

    EXPECT_EQ(names_of(all), "a b");
    EXPECT_FALSE(all.let_go([](std::string_view) { return true; }));
}

TEST(membership, stays_with_the_name_of_a_server_that_moves) {
    membership all;
    all.take({seen("a", "192.0.2.1:8000")}, farewell::drain, start);

    EXPECT_TRUE(all.take({seen("a", "192.0.2.9:8000")}, farewell::drain, start));

    ASSERT_EQ(all.members().size(), 1u);
    EXPECT_EQ(all.members()[0].seen.address.text(), "192.0.2.9:8000");
}

TEST(membership, begins_with_those_who_were_there_before_anybody_looked) {
    membership all;
    all.begin_with({seen("old")});
    EXPECT_EQ(names_of(all), "old");

    EXPECT_TRUE(all.take({seen("new")}, farewell::drain, start));

    EXPECT_EQ(names_of(all), "new -old");
}

TEST(membership, is_bounded_and_forgets_those_first_who_left_first) {
    membership all;
    all.take({seen("first")}, farewell::drain, start);
    all.take({seen("second")}, farewell::drain, start + 1s);
    std::vector<sighting> many;
    for (std::size_t i = 0; i < limits::servers_of_pool_max - 1; ++i)
        many.push_back(seen("s" + std::to_string(i)));

    all.take(many, farewell::drain, start + 2s);

    EXPECT_EQ(all.members().size(), limits::servers_of_pool_max);
    EXPECT_EQ(all.leaving(), 1u);
    EXPECT_TRUE(names_of(all).ends_with("-second"));
}

}  // namespace
}  // namespace hawser::discovery
