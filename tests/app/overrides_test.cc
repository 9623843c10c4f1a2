// SPDX-License-Identifier: Apache-2.0
#include "app/overrides.h"

#include <gtest/gtest.h>

#include <string>

#include "app/configuration/load.h"
#include "base/limits.h"

namespace hawser::app {
namespace {

configuration file_of(const std::string& servers) {
    const auto read = load_text(
        "listeners: {web: {bind: ':8080'}}\nroutes: [{pool: shop}]\n"
        "pools: {shop: {servers: {" +
            servers + "}}}\n",
        "hawser.yaml");
    EXPECT_TRUE(read.settings) << read.problems.text();
    return read.settings.value_or(configuration());
}

const configuration& two() {
    static const auto file = file_of("a: 10.0.0.1:80, b: {address: 10.0.0.2:80, weight: 3}");
    return file;
}

set_value value(std::string server, override_field field, const configuration& file = two()) {
    set_value made;
    made.pool = "shop";
    made.file = said_by(file, "shop", server, field);
    made.server = std::move(server);
    made.field = field;
    return made;
}

set_value state(std::string server, upstream::admin_state wanted) {
    auto made = value(std::move(server), override_field::state);
    made.state = wanted;
    return made;
}

set_value weight(std::string server, std::uint32_t wanted) {
    auto made = value(std::move(server), override_field::weight);
    made.weight = wanted;
    return made;
}

set_value added(std::string server, std::string address) {
    auto made = value(std::move(server), override_field::added);
    made.settings.emplace().address.text = std::move(address);
    return made;
}

configuration over(const overrides& set, configuration file) {
    for (auto& [name, pool] : file.pools) pool = set.over(name, pool);
    return file;
}

TEST(overrides, go_over_what_the_file_says) {
    overrides set;
    ASSERT_TRUE(set.put(state("a", upstream::admin_state::drain)));
    ASSERT_TRUE(set.put(weight("b", 7)));
    ASSERT_TRUE(set.put(added("c", "10.0.0.3:80")));

    const auto merged = over(set, two());

    const auto& servers = merged.pools.at("shop").servers;
    EXPECT_EQ(servers.at("a").state, upstream::admin_state::drain);
    EXPECT_EQ(servers.at("b").weight, 7u);
    EXPECT_EQ(servers.at("b").state, upstream::admin_state::ready);
    EXPECT_EQ(servers.at("c").address.text, "10.0.0.3:80");
}

TEST(overrides, set_values_of_servers_that_were_added) {
    overrides set;
    ASSERT_TRUE(set.put(weight("c", 9)));
    ASSERT_TRUE(set.put(added("c", "10.0.0.3:80")));
    EXPECT_EQ(over(set, two()).pools.at("shop").servers.at("c").weight, 9u);
}

TEST(overrides, take_a_removed_server_away) {
    overrides set;
    ASSERT_TRUE(set.put(value("a", override_field::removed)));
    EXPECT_FALSE(over(set, two()).pools.at("shop").servers.contains("a"));
}

TEST(overrides, hold_over_files_that_say_the_same_of_them) {
    overrides set;
    ASSERT_TRUE(set.put(state("a", upstream::admin_state::drain)));
    ASSERT_TRUE(set.put(weight("b", 7)));
    ASSERT_TRUE(set.put(added("c", "10.0.0.3:80")));

    const auto other = file_of(
        "a: {address: 10.0.0.1:80, weight: 5}, b: {address: "
        "10.0.0.9:80, weight: 3, state: drain}, d: 10.0.0.4:80");
    EXPECT_TRUE(set.yield_to(other).empty());
    EXPECT_EQ(set.all().size(), 3u);
}

TEST(overrides, yield_to_a_file_that_changes_that_very_value) {
    overrides set;
    ASSERT_TRUE(set.put(state("a", upstream::admin_state::drain)));
    ASSERT_TRUE(set.put(weight("a", 7)));

    const auto overtaken = set.yield_to(
        file_of("a: {address: 10.0.0.1:80, state: maint}, b: {address: 10.0.0.2:80, weight: 3}"));

    ASSERT_EQ(overtaken.size(), 1u);
    EXPECT_EQ(overtaken.front().field, override_field::state);
    EXPECT_NE(set.find("shop", "a", override_field::weight), nullptr);
}

TEST(overrides, yield_where_the_file_leaves_the_server_out_or_names_an_added_one) {
    overrides set;
    ASSERT_TRUE(set.put(state("b", upstream::admin_state::drain)));
    ASSERT_TRUE(set.put(added("c", "10.0.0.3:80")));
    auto of_added = weight("c", 2);
    ASSERT_TRUE(set.put(of_added));

    EXPECT_EQ(set.yield_to(file_of("a: 10.0.0.1:80, c: 10.0.0.4:80")).size(), 3u);
    EXPECT_TRUE(set.all().empty());
}

TEST(overrides, yield_a_removal_when_the_file_moves_the_server) {
    overrides set;
    ASSERT_TRUE(set.put(value("a", override_field::removed)));
    EXPECT_TRUE(
        set.yield_to(file_of("a: {address: 10.0.0.1:80, weight: 2}, b: 10.0.0.2:80")).empty());
    EXPECT_EQ(set.yield_to(file_of("a: 10.0.0.7:80, b: 10.0.0.2:80")).size(), 1u);
}

TEST(overrides, keep_one_value_of_each_field) {
    overrides set;
    ASSERT_TRUE(set.put(weight("a", 2)));
    ASSERT_TRUE(set.put(weight("a", 3)));
    ASSERT_EQ(set.all().size(), 1u);
    EXPECT_EQ(set.all().front().text(), "3");
}

TEST(overrides, are_lifted_one_by_one_or_all) {
    overrides set;
    ASSERT_TRUE(set.put(weight("a", 2)));
    ASSERT_TRUE(set.put(state("a", upstream::admin_state::drain)));
    ASSERT_TRUE(set.put(weight("b", 2)));
    EXPECT_EQ(set.lift("shop", "a", override_field::weight), 1u);
    EXPECT_EQ(set.lift("shop", "a", override_field::weight), 0u);
    EXPECT_EQ(set.lift("shop", "a"), 1u);
    EXPECT_EQ(set.all().size(), 1u);
}

TEST(overrides, of_an_added_server_go_with_it) {
    overrides set;
    ASSERT_TRUE(set.put(added("c", "10.0.0.3:80")));
    ASSERT_TRUE(set.put(weight("c", 2)));
    EXPECT_EQ(set.lift("shop", "c", override_field::added), 2u);
}

TEST(overrides, are_bounded) {
    overrides set;
    for (std::size_t i = 0; i < limits::overrides_max; ++i)
        ASSERT_TRUE(set.put(weight("s" + std::to_string(i), 1)));
    const auto more = set.put(weight("one-more", 1));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, errc::exhausted);
    EXPECT_TRUE(set.put(weight("s0", 2))) << "another value of what is set needs no room";
}

TEST(overrides, name_the_pools_in_which_they_are_unlike_others) {
    overrides before;
    ASSERT_TRUE(before.put(weight("a", 5)));
    auto after = before;
    EXPECT_TRUE(before.pools_unlike(after).empty());

    auto other = weight("a", 5);
    other.pool = "blog";
    ASSERT_TRUE(after.put(other));

    EXPECT_EQ(before.pools_unlike(after), std::vector<std::string>{"blog"});
    EXPECT_EQ(after.pools_unlike(before), std::vector<std::string>{"blog"});
    EXPECT_TRUE(before.concern("shop"));
    EXPECT_FALSE(before.concern("blog"));
}

}  // namespace
}  // namespace hawser::app
