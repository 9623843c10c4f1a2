// SPDX-License-Identifier: Apache-2.0
#include "admin/change_options.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::admin {
namespace {

http::served_request asking(const std::string& query, const std::string& if_match = {}) {
    http::served_request asked;
    asked.query = query;
    asked.fields.emplace_back("Content-Type", "application/json");
    if (!if_match.empty()) asked.fields.emplace_back("If-Match", if_match);
    return asked;
}

unsigned verdict(const std::string& if_match, bool is_required = false) {
    const auto asked = asking("", if_match);
    const auto found = change_options::of(asked, true)->stale("\"7\"", is_required);
    return found ? found->status : 200;
}

TEST(admin_change_options, are_read_strictly) {
    EXPECT_TRUE(change_options::of(asking("dry_run=true"), true)->is_trial);
    EXPECT_TRUE(change_options::of(asking("force=true&dry_run=false"), true)->is_forced);
    for (const char* query : {"dry_run", "dry_run=1", "dry-run=true", "dry_run=true&&", "x=1"})
        EXPECT_EQ(change_options::of(asking(query), true).error().status, 400u) << query;
}

TEST(admin_change_options, guard_against_lost_updates) {
    EXPECT_EQ(verdict("\"7\""), 200u);
    EXPECT_EQ(verdict("\"6\", \"7\""), 200u);
    EXPECT_EQ(verdict("*"), 200u);
    EXPECT_EQ(verdict(""), 200u);
    for (const char* other : {"\"6\"", "7", "W/\"7\"", "\"7", ","}) EXPECT_EQ(verdict(other), 412u);
}

TEST(admin_change_options, may_be_required_to_name_a_revision) {
    EXPECT_EQ(verdict("", true), 428u);
    EXPECT_EQ(verdict("*", true), 200u);
    EXPECT_EQ(verdict("\"6\"", true), 412u);
}

TEST(admin_change_options, take_a_body_only_where_there_is_one) {
    auto asked = asking("");
    asked.body = "{}";
    EXPECT_EQ(change_options::of(asked, false).error().status, 422u);
    asked.fields.clear();
    EXPECT_EQ(change_options::of(asked, true).error().status, 415u);
}

}  // namespace
}  // namespace hawser::admin
