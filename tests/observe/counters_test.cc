// SPDX-License-Identifier: Apache-2.0
#include "observe/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "observe/exposition.h"

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::array<std::string_view, 3> verdicts = {"none", "new", "moved"};
constexpr std::array<std::string_view, 2> causes = {"none", "home-down"};

std::string scraped(const counters& all) {
    exposition shown;
    all.collect(shown);
    return shown.text();
}

TEST(counters, add_up_what_every_worker_counted) {
    counters all(2, {verdicts, causes});
    const auto traffic = all.traffic("web", "shop");
    traffic->of(0).requests[code_class(200)].add(3);
    traffic->of(1).requests[code_class(204)].add(4);
    traffic->of(1).response_bytes.add(1000);

    const auto text = scraped(all);
    EXPECT_THAT(text, HasSubstr("requests_total{listener=\"web\",pool=\"shop\",code=\"2xx\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("requests_total{listener=\"web\",pool=\"shop\",code=\"5xx\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("response_bytes_total{listener=\"web\",pool=\"shop\"} 1000\n"));
}

TEST(counters, e4_every_cause_has_a_counter) {
    counters all(2, {verdicts, causes});
    const auto refused = all.traffic("web", "");
    refused->of(0).ended.add("duplicate-host");
    refused->of(1).ended.add("duplicate-host");
    refused->of(1).ended.add("client-left");
    all.worker(0).limits_reached.add("connections");

    const auto text = scraped(all);
    EXPECT_THAT(text, HasSubstr("requests_ended_early_total{listener=\"web\",pool=\"\",cause="
                                "\"duplicate-host\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("cause=\"client-left\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("limits_reached_total{limit=\"connections\"} 1\n"));
}

TEST(counters, name_verdicts_and_causes) {
    counters all(1, {verdicts, causes});
    const auto pool = all.pool("shop");
    pool->of(0).verdicts.add(2, 1);
    pool->of(0).affinity_invalid.add("forged", "cookie");

    const auto text = scraped(all);
    EXPECT_THAT(text, HasSubstr("session_verdicts_total{pool=\"shop\",verdict=\"moved\",cause="
                                "\"home-down\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("verdict=\"new\"")));
    EXPECT_THAT(text, HasSubstr("affinity_invalid_total{pool=\"shop\",kind=\"cookie\",reason="
                                "\"forged\"} 1\n"));
}

TEST(counters, show_what_is_open_as_opened_less_closed) {
    counters all(2, {verdicts, causes});
    const auto listener = all.listener("web");
    listener->of(0).connections.add(5);
    listener->of(1).connections_closed.add(2);
    listener->of(0).connections_refused.add("limit");
    const auto server = all.server("shop", "a");
    server->of(1).errors.add("timed-out");
    server->of(0).requests[code_class(502)].add();

    const auto text = scraped(all);
    EXPECT_THAT(text, HasSubstr("hawser_connections{listener=\"web\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("hawser_connections_total{listener=\"web\"} 5\n"));
    EXPECT_THAT(text,
                HasSubstr("connections_refused_total{listener=\"web\",reason=\"limit\"} 1\n"));
    EXPECT_THAT(
        text, HasSubstr("server_errors_total{pool=\"shop\",server=\"a\",kind=\"timed-out\"} 1\n"));
    EXPECT_THAT(text,
                HasSubstr("server_requests_total{pool=\"shop\",server=\"a\",code=\"5xx\"} 1\n"));
}

TEST(counters, show_durations_by_pool) {
    counters all(2, {verdicts, causes});
    const auto pool = all.pool("shop");
    pool->of(0).request_duration.add(3ms);
    pool->of(1).request_duration.add(2s);
    const auto text = scraped(all);
    EXPECT_THAT(text, HasSubstr("request_duration_seconds_count{pool=\"shop\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("request_duration_seconds_sum{pool=\"shop\"} 2.003"));
}

TEST(counters, show_the_way_to_servers_that_somebody_has_connected_to) {
    counters all(2, {verdicts, causes});
    const auto known = all.server("shop", "a");
    const auto unknown = all.server("shop", "b");
    known->of(0).path.connects.add(2);
    known->of(0).path.connect_time.add(500);
    known->of(1).path.round_trips.add();
    known->of(1).path.round_trip_time.add(250);
    known->of(1).path.segments.add(40);
    known->of(1).path.retransmits.add(3);
    const auto text = scraped(all);
    const std::string labels = "{pool=\"shop\",server=\"a\"} ";
    EXPECT_THAT(text, HasSubstr("server_connect_duration_seconds_count" + labels + "2\n"));
    EXPECT_THAT(text, HasSubstr("server_connect_duration_seconds_sum" + labels + "0.0005\n"));
    EXPECT_THAT(text, HasSubstr("server_round_trip_seconds_sum" + labels + "0.00025\n"));
    EXPECT_THAT(text, HasSubstr("server_segments_sent_total" + labels + "40\n"));
    EXPECT_THAT(text, HasSubstr("server_retransmits_total" + labels + "3\n"));
    EXPECT_THAT(text, Not(HasSubstr("server_retransmits_total{pool=\"shop\",server=\"b\"}")));
}

TEST(code_class, knows_codes_that_are_none) {
    EXPECT_EQ(code_class(101), 1u);
    EXPECT_EQ(code_class(499), 4u);
    EXPECT_EQ(code_class(0), 0u);
    EXPECT_EQ(code_class(999), 0u);
}

}  // namespace
}  // namespace hawser::observe
