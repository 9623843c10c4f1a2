// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/state_directory.h"

#include <gtest/gtest.h>

#include <map>

namespace hawser::app {
namespace {

std::string with(const std::map<std::string, std::string, std::less<>>& environment) {
    return default_state_directory([&](std::string_view name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
    });
}

TEST(state_directory, is_where_the_service_manager_says) {
    EXPECT_EQ(with({{"STATE_DIRECTORY", "/var/lib/one:/var/lib/other"},
                    {"XDG_STATE_HOME", "/home/me/state"},
                    {"HOME", "/home/me"}}),
              "/var/lib/one");
}

TEST(state_directory, is_else_the_users_own) {
    EXPECT_EQ(with({{"XDG_STATE_HOME", "/home/me/state"}, {"HOME", "/home/me"}}),
              "/home/me/state/hawser");
    EXPECT_EQ(with({{"XDG_STATE_HOME", "not/absolute"}, {"HOME", "/home/me"}}),
              "/home/me/.local/state/hawser");
    EXPECT_EQ(with({{"HOME", "/home/me"}}), "/home/me/.local/state/hawser");
}

TEST(state_directory, is_that_of_the_system_where_there_is_no_user) {
    EXPECT_EQ(with({}), "/var/lib/hawser");
    EXPECT_EQ(with({{"HOME", ""}}), "/var/lib/hawser");
}

TEST(state_directory, holds_the_keys) {
    EXPECT_EQ(keys_in("/var/lib/hawser"), "/var/lib/hawser/keys");
}

}  // namespace
}  // namespace hawser::app
