// SPDX-License-Identifier: Apache-2.0
#include "health/agent_report.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::health {
namespace {

using upstream::admin_state;

std::optional<agent_report> read(std::string_view line) {
    auto made = read_agent_report(line);
    return made ? std::optional(*made) : std::nullopt;
}

agent_report says(std::optional<unsigned> percent) { return {percent, {}, {}}; }
agent_report says_fit(bool is_fit) { return {{}, is_fit, {}}; }
agent_report wishes(admin_state wish) { return {{}, {}, wish}; }

TEST(agent_report, says_a_share_of_the_weight) {
    EXPECT_EQ(read("75%"), says(75));
    EXPECT_EQ(read("0%"), says(0));
    EXPECT_EQ(read("100%"), says(100));
}

TEST(agent_report, says_fit_or_unfit) {
    EXPECT_EQ(read("up"), says_fit(true));
    for (const auto* word : {"down", "fail", "stopped"}) EXPECT_EQ(read(word), says_fit(false));
}

TEST(agent_report, says_what_it_wishes) {
    EXPECT_EQ(read("ready"), wishes(admin_state::ready));
    EXPECT_EQ(read("drain"), wishes(admin_state::drain));
    EXPECT_EQ(read("maint"), wishes(admin_state::maintenance));
}

TEST(agent_report, says_several_things_at_once) {
    EXPECT_EQ(read("up ready 50%"), (agent_report{50, true, admin_state::ready}));
    EXPECT_EQ(read(" ready,\tup , 50% "), (agent_report{50, true, admin_state::ready}));
    EXPECT_EQ(read("up up"), says_fit(true));
}

TEST(agent_report, may_say_to_people_why) {
    EXPECT_EQ(read("down#disk is full"), says_fit(false));
    EXPECT_EQ(read("drain # up"), wishes(admin_state::drain));
}

TEST(agent_report, is_nothing_if_any_of_it_is_something_else) {
    for (const auto* line :
         {"",           " ",        ",",           "#up",     "UP",          "upp",
          "up;",        "up down",  "ready drain", "50% 60%", "101%",        "1000%",
          "%",          "-1%",      "+5%",         " 5 %",    "5.5%",        "50",
          "maxconn:30", "up 50% x", "up\x01",      "up\x7f",  "up \xc3\xa4", "GET / HTTP/1.1",
          "up#\x1b[2J"})
        EXPECT_EQ(read(line), std::nullopt) << line;
    EXPECT_EQ(read(std::string_view("up\0", 3)), std::nullopt);
}

TEST(agent_report, a_number_may_stand_alone_in_a_header_field) {
    EXPECT_EQ(read_percent("75"), 75u);
    EXPECT_EQ(read_percent("75%"), 75u);
    for (const auto* text : {"", "%", "101", "7 5", "0x5", "1e2", "-0", "0100"})
        EXPECT_EQ(read_percent(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hawser::health
