// SPDX-License-Identifier: Apache-2.0
#include "proxy/guess_watch.h"

#include <gtest/gtest.h>

#include <string>

#include "io/ip_address.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

struct lab {
    bool is_guessing(std::string_view client) {
        return watch.note(*io::ip_address::parse(client), now).count() != 0;
    }

    guess_watch watch{"shop", {.per_minute = 3, .refuses = true}, crypto::drawn_key()};
    steady_time now{1h};
};

TEST(guess_watch, lets_a_few_unknown_ids_pass) {
    lab at;
    for (int n = 0; n < 3; ++n) EXPECT_FALSE(at.is_guessing("192.0.2.1"));
    EXPECT_TRUE(at.is_guessing("192.0.2.1"));
    EXPECT_FALSE(at.is_guessing("192.0.2.2")) << "each source for itself";
    at.now += 20s;
    EXPECT_FALSE(at.is_guessing("192.0.2.1"));
    EXPECT_TRUE(at.is_guessing("192.0.2.1"));
}

TEST(guess_watch, takes_the_addresses_of_one_network_for_one_source) {
    lab at;
    for (int n = 0; n < 3; ++n) EXPECT_FALSE(at.is_guessing("2001:db8::" + std::to_string(n + 1)));
    EXPECT_TRUE(at.is_guessing("2001:db8::99"));
    EXPECT_FALSE(at.is_guessing("2001:db8:0:1::1"));
}

TEST(guess_watch, says_how_long_it_lasts) {
    lab at;
    for (int n = 0; n < 3; ++n) EXPECT_FALSE(at.is_guessing("192.0.2.1"));
    const auto wait = at.watch.note(*io::ip_address::parse("192.0.2.1"), at.now);
    EXPECT_GT(wait, 0s);
    EXPECT_LE(wait, 20s);
}

}  // namespace
}  // namespace hawser::proxy
