// SPDX-License-Identifier: Apache-2.0
#include "balance/least_response_time.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

void note(const fleet_of& servers, std::string_view name, std::chrono::nanoseconds took,
          steady_time now = start, std::size_t worker = 0) {
    servers[name].load.of_worker(worker).response.note(took, now);
}

std::map<std::string, int> picks(balancer& by, const fleet_of& servers, int times,
                                 steady_time now = start) {
    std::map<std::string, int> count;
    for (int i = 0; i < times; ++i) ++count[by.pick({.now = now}, servers.all).name()];
    return count;
}

TEST(least_response_time, asks_for_times_to_be_measured) {
    EXPECT_TRUE(least_response_time({}, worker_seed{}).wants().response_times);
}

TEST(least_response_time, takes_the_server_that_answers_soonest) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    note(servers, "a", 30ms);
    note(servers, "b", 10ms);
    note(servers, "c", 20ms);
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 10).at("b"), 10);
}

TEST(least_response_time, sees_what_other_workers_have_measured) {
    const fleet_of servers{{"a"}, {"b"}};
    note(servers, "a", 30ms, start, 1);
    note(servers, "b", 10ms, start, 0);
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 10).at("b"), 10);
}

TEST(least_response_time, passes_on_from_a_fast_server_that_has_much_in_flight) {
    const fleet_of servers{{"a"}, {"b"}};
    note(servers, "a", 10ms);
    note(servers, "b", 30ms);
    least_response_time by({}, worker_seed{0});
    servers.load("a", 1);
    EXPECT_EQ(picks(by, servers, 1).count("a"), 1u) << "20 < 30";
    servers.load("a", 4);

    EXPECT_EQ(picks(by, servers, 1).count("b"), 1u) << "60 > 30";
}

TEST(least_response_time, counts_what_is_in_flight_by_weight) {
    const fleet_of servers{{"a", 4}, {"b", 1}};
    note(servers, "a", 10ms);
    note(servers, "b", 10ms);
    servers.load("a", 8);
    servers.load("b", 4);
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 10).at("a"), 10) << "1 + 8/4 < 1 + 4/1";
}

TEST(least_response_time, lets_about_equally_fast_servers_take_turns_by_weight) {
    const fleet_of servers{{"a", 1}, {"b", 2}, {"c", 1}};
    note(servers, "a", 10ms);
    note(servers, "b", 12ms);
    note(servers, "c", 13ms);
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 30), (std::map<std::string, int>{{"a", 10}, {"b", 20}}));
}

TEST(least_response_time, gives_one_that_never_answered_one_request_at_a_time) {
    const fleet_of servers{{"a"}, {"b"}};
    note(servers, "a", 10ms);
    least_response_time by({}, worker_seed{0});
    EXPECT_EQ(picks(by, servers, 1).count("b"), 1u);
    servers.load("b", 1);

    EXPECT_EQ(picks(by, servers, 10).at("a"), 10);
}

TEST(least_response_time, believes_a_slow_answer_at_once) {
    const fleet_of servers{{"a"}, {"b"}};
    for (int i = 0; i < 100; ++i) note(servers, "a", 10ms);
    note(servers, "b", 20ms);
    note(servers, "a", 1s);
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 10).at("b"), 10);
}

TEST(least_response_time, tries_a_server_again_that_was_slow_long_ago) {
    const fleet_of servers{{"a"}, {"b"}};
    note(servers, "a", 100ms, start);
    least_response_time by({}, worker_seed{0});
    const auto later = start + 200s;
    note(servers, "b", 10ms, later - 1s);

    note(servers, "b", 10ms, start + 1s);
    EXPECT_FALSE(picks(by, servers, 10, start + 1s).contains("a"));
    note(servers, "b", 10ms, later);
    EXPECT_EQ(picks(by, servers, 10, later).at("a"), 10);
}

TEST(least_response_time, takes_turns_where_nobody_was_measured) {
    const fleet_of servers{{"a"}, {"b"}};
    least_response_time by({}, worker_seed{0});

    EXPECT_EQ(picks(by, servers, 10), (std::map<std::string, int>{{"a", 5}, {"b", 5}}));
}

}  // namespace
}  // namespace hawser::balance
