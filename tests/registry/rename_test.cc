// SPDX-License-Identifier: Apache-2.0
// A session whose server calls it by another name, as it does when somebody logs in.

#include <array>

#include "lab.h"

namespace hawser::registry {
namespace {

void rename(lab& lab, std::string_view former, std::string_view called,
            const affinity::binding& home) {
    lab.table->rename(shop, former.empty() ? affinity::session_key() : key_of(former),
                      key_of(called), home, lab.now);
}

std::optional<session_view> find(lab& lab, std::string_view client) {
    return lab.table->find(shop, key_of(client), lab.now.steady);
}

TEST(rename, names_a_session_that_had_no_name) {
    lab lab;
    affinity::binding home;
    home.home = green;
    rename(lab, "", "first", home);
    const auto known = find(lab, "first");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->home.home, green);
    EXPECT_TRUE(known->tentative) << "nobody has shown its key yet";
    EXPECT_EQ(known->requests, 0);
    lab.table->verify();
}

TEST(rename, keeps_the_whole_binding_and_both_names) {
    lab lab;
    const auto given = lab.settle("before", green);
    lab.wait(10s);
    rename(lab, "before", "after", given);
    EXPECT_EQ(find(lab, "after")->home, given);
    EXPECT_EQ(find(lab, "before")->home, given) << "requests under way still show the former id";
    EXPECT_EQ(find(lab, "after")->keys, 2);
    EXPECT_FALSE(find(lab, "after")->tentative);
    EXPECT_EQ(find(lab, "after")->age, 10s) << "the absolute limit counts from the first login";
    EXPECT_EQ(lab.table->counts().established, 1u);
    EXPECT_EQ(of(end_cause::renamed, lab.counts().since_start.ends), 1u);
    lab.table->verify();
}

TEST(rename, the_new_name_is_the_one_that_another_process_is_told) {
    lab lab;
    rename(lab, "before", "after", lab.settle("before", green));
    std::array<record, 8> told;
    cursor from;
    std::size_t count = 0;
    while (!from.done) count += lab.table->copy(from, std::span(told).subspan(count), lab.now);
    ASSERT_EQ(count, 1u);

    struct lab other;
    EXPECT_TRUE(other.table->restore(told[0], other.now));
    EXPECT_EQ(find(other, "after")->home.home, green);
}

TEST(rename, a_session_that_never_came_back_stays_tentative) {
    lab lab;
    const auto who = lab.enter("before");
    const auto home = lab.claim(who, green);
    lab.leave(who);
    rename(lab, "before", "after", home);
    EXPECT_TRUE(find(lab, "after")->tentative);
    EXPECT_EQ(find(lab, "after")->home.home, green);
    EXPECT_EQ(find(lab, "before")->home.home, green);
    EXPECT_EQ(lab.table->counts().tentative, 1u);
    lab.table->verify();
}

TEST(rename, many_times_over_takes_no_more_keys) {
    lab lab;
    auto home = lab.settle("0", green);
    for (int n = 0; n < 100; ++n) {
        rename(lab, std::to_string(n), std::to_string(n + 1), home);
        lab.leave(lab.enter(std::to_string(n + 1)));
    }
    EXPECT_EQ(find(lab, "100")->home, home);
    EXPECT_EQ(find(lab, "100")->keys, 2);
    EXPECT_FALSE(find(lab, "50"));
    EXPECT_EQ(lab.table->counts().established, 1u);
    lab.table->verify();
}

TEST(rename, a_request_under_way_under_the_former_name_ends_in_peace) {
    lab lab;
    const auto home = lab.settle("before", green);
    const auto who = lab.enter("before");
    rename(lab, "before", "after", home);
    lab.leave(who);
    EXPECT_EQ(find(lab, "after")->requests, 0);
    lab.table->verify();
}

TEST(rename, a_name_that_is_known_keeps_its_session_and_the_newer_binding) {
    lab lab;
    const auto home = lab.settle("before", green);
    const auto other = lab.settle("after", blue);
    rename(lab, "before", "after", home);
    EXPECT_EQ(find(lab, "after")->home, other);
    EXPECT_EQ(find(lab, "before")->home, other) << "two names of one session";
    EXPECT_EQ(lab.table->counts().established, 1u);
    lab.table->verify();
}

TEST(rename, a_full_table_keeps_the_session_and_gives_it_one_more_key) {
    lab lab({.capacity = 1, .tentative_capacity = 10, .extra_keys = 10, .lives = {}});
    const auto home = lab.settle("before", green);
    rename(lab, "before", "after", home);
    EXPECT_EQ(find(lab, "after")->home, home);
    EXPECT_EQ(find(lab, "before")->keys, 2);
    lab.table->verify();
}

}  // namespace
}  // namespace hawser::registry
