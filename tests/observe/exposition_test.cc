// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(exposition, puts_our_prefix_before_all_but_the_process) {
    exposition shown;
    shown.counter("retries_total", "Retries.", {{"pool", "shop"}}, 3);
    shown.gauge("process_threads", "Threads.", {}, 4);
    EXPECT_EQ(shown.text(),
              "# HELP hawser_retries_total Retries.\n"
              "# TYPE hawser_retries_total counter\n"
              "hawser_retries_total{pool=\"shop\"} 3\n"
              "# HELP process_threads Threads.\n"
              "# TYPE process_threads gauge\n"
              "process_threads 4\n");
}

TEST(exposition, gathers_one_family_from_several_places) {
    exposition shown;
    shown.gauge("server_state", "State.", {{"server", "a"}}, 1);
    shown.gauge("sessions_active", "Sessions.", {}, 5);
    shown.gauge("server_state", "State.", {{"server", "b"}}, 0);
    const auto text = shown.text();
    EXPECT_THAT(text, HasSubstr("hawser_server_state{server=\"a\"} 1\n"
                                "hawser_server_state{server=\"b\"} 0\n"));
    EXPECT_EQ(text.find("# TYPE hawser_server_state"), text.rfind("# TYPE hawser_server_state"));
}

TEST(exposition, shows_a_histogram_in_seconds_and_cumulated) {
    static constexpr std::array<std::chrono::microseconds, 2> bounds = {1ms, 1s};
    exposition shown;
    shown.histogram("request_duration_seconds", "Time.", {{"pool", "shop"}}, bounds,
                    std::array<std::uint64_t, 3>{1, 2, 4}, 2500ms);
    const auto text = shown.text();
    EXPECT_THAT(text, HasSubstr("_count{pool=\"shop\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("_sum{pool=\"shop\"} 2.5\n"));
    EXPECT_THAT(text, HasSubstr("_bucket{pool=\"shop\",le=\"1\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("_bucket{pool=\"shop\",le=\"+Inf\"} 7\n"));
}

TEST(exposition, shows_a_summary_in_seconds) {
    exposition shown;
    shown.summary("connect_duration_seconds", "Time.", {{"pool", "shop"}}, 3, 1500ms);
    const auto text = shown.text();
    EXPECT_THAT(text, HasSubstr("# TYPE hawser_connect_duration_seconds summary\n"));
    EXPECT_THAT(text, HasSubstr("hawser_connect_duration_seconds_count{pool=\"shop\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("hawser_connect_duration_seconds_sum{pool=\"shop\"} 1.5\n"));
}

TEST(exposition, encodes_label_values) {
    exposition shown;
    shown.gauge("up", "Up.", {{"pool", "a\"b\\c\nd"}}, 1);
    EXPECT_THAT(shown.text(), HasSubstr("hawser_up{pool=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(exposition, keeps_large_counts_exact) {
    exposition shown;
    shown.counter("response_bytes_total", "Bytes.", {}, 9007199254740991.0);
    EXPECT_THAT(shown.text(), HasSubstr(" 9007199254740991\n"));
}

TEST(metrics, asks_every_source_at_each_scrape) {
    metrics all;
    int asked = 0;
    all.add([&](exposition& into) { into.gauge("first", "One.", {}, ++asked); });
    all.add([](exposition& into) { into.gauge("second", "Two.", {}, 2); });
    EXPECT_THAT(all.scrape(), HasSubstr("hawser_first 1\n"));
    const auto text = all.scrape();
    EXPECT_THAT(text, HasSubstr("hawser_first 2\n"));
    EXPECT_THAT(text, HasSubstr("hawser_second 2\n"));
}

/// One that has counted `requests` of a pool, and slow ones among them.
exposition counted(double requests, std::uint64_t slow, std::string_view pool = "shop") {
    static constexpr std::array<std::chrono::microseconds, 1> bounds = {1s};
    exposition made;
    made.counter("requests_total", "Requests.", {{"pool", pool}}, requests);
    made.gauge("in_flight", "Now.", {{"pool", pool}}, requests);
    made.counter("process_cpu_seconds_total", "Time.", {}, requests);
    made.histogram("duration_seconds", "Time.", {{"pool", pool}}, bounds,
                   std::array<std::uint64_t, 2>{std::uint64_t(requests) - slow, slow}, 2s);
    return made;
}

former_totals former(const exposition& from) {
    former_totals made;
    for (auto& each : from.totals()) made.set(std::move(each));
    return made;
}

TEST(former_totals, go_on_in_the_series_of_the_next_process) {
    auto shown = counted(3, 1);
    shown.add(former(counted(40, 5)));
    const auto text = shown.text();
    EXPECT_THAT(text, HasSubstr("hawser_requests_total{pool=\"shop\"} 43\n"));
    EXPECT_THAT(text, HasSubstr("_bucket{pool=\"shop\",le=\"1\"} 37\n"));
    EXPECT_THAT(text, HasSubstr("_count{pool=\"shop\"} 43\n"));
    EXPECT_THAT(text, HasSubstr("_sum{pool=\"shop\"} 4\n"));
}

TEST(former_totals, of_summaries_go_on_too) {
    exposition before;
    before.summary("tries_seconds", "Time.", {{"pool", "shop"}}, 5, 3s);
    exposition shown;
    shown.summary("tries_seconds", "Time.", {{"pool", "shop"}}, 2, 1s);
    shown.add(former(before));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_tries_seconds_count{pool=\"shop\"} 7\n"));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_tries_seconds_sum{pool=\"shop\"} 4\n"));
}

TEST(former_totals, are_no_gauges_and_nothing_of_the_process) {
    auto shown = counted(3, 1);
    shown.add(former(counted(40, 5)));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_in_flight{pool=\"shop\"} 3\n"));
    EXPECT_THAT(shown.text(), HasSubstr("process_cpu_seconds_total 3\n"));
}

TEST(former_totals, of_what_has_not_happened_again_are_shown_too) {
    exposition shown;
    shown.gauge("in_flight", "Now.", {{"pool", "shop"}}, 0);
    shown.add(former(counted(40, 5)));
    EXPECT_THAT(shown.text(), HasSubstr("# HELP hawser_requests_total Requests.\n"
                                        "# TYPE hawser_requests_total counter\n"
                                        "hawser_requests_total{pool=\"shop\"} 40\n"));
    EXPECT_THAT(shown.text(), HasSubstr("_count{pool=\"shop\"} 40\n"));
}

TEST(former_totals, of_what_is_there_no_more_vanish) {
    auto before = counted(40, 5, "gone");
    before.counter("server_errors_total", "Errors.", {{"pool", "shop"}, {"server", "b"}}, 7);
    auto shown = counted(3, 1);
    shown.gauge("server_state", "State.", {{"pool", "shop"}, {"server", "a"}}, 1);
    shown.gauge("server_state", "State.", {{"pool", "other"}, {"server", "b"}}, 1);
    const auto alone = shown.text();
    shown.add(former(before));
    EXPECT_EQ(shown.text(), alone);
    EXPECT_EQ(shown.totals().size(), 2u) << "and are not handed on";
}

TEST(former_totals, that_are_counted_in_another_way_begin_anew) {
    static constexpr std::array<std::chrono::microseconds, 1> bounds = {2s};
    exposition shown;
    shown.histogram("duration_seconds", "Time.", {{"pool", "shop"}}, bounds,
                    std::array<std::uint64_t, 2>{1, 1}, 2s);
    shown.gauge("requests_total", "A gauge by now.", {{"pool", "shop"}}, 1);
    shown.add(former(counted(40, 5)));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_duration_seconds_count{pool=\"shop\"} 2\n"));
    EXPECT_THAT(shown.text(), HasSubstr("hawser_requests_total{pool=\"shop\"} 1\n"));
}

TEST(former_totals, are_handed_on_by_the_process_after_the_next) {
    metrics second;
    second.add([](exposition& into) { into.counter("requests_total", "Requests.", {}, 2); });
    total first{.name = "hawser_requests_total", .value = 10};
    second.go_on_from({first});
    first.value = 11;  // it goes on counting
    second.go_on_from({first});
    ASSERT_EQ(second.totals().size(), 1u);
    EXPECT_EQ(second.totals().front().value, 13);
}

TEST(former_totals, are_summed_by_their_first_labels) {
    metrics here;
    const auto counted = [](std::string server, std::string kind, double value) {
        return total{.name = "hawser_errors_total",
                     .labels = {{"pool", "shop"}, {"server", server}, {"kind", kind}},
                     .value = value};
    };
    here.go_on_from({counted("a", "reset", 1), counted("b", "refused", 2),
                     counted("b", "timed-out", 4), counted("bb", "reset", 8)});
    EXPECT_EQ(here.counted_before("errors_total", {{"pool", "shop"}, {"server", "b"}}), 6);
    EXPECT_EQ(here.counted_before("errors_total", {{"pool", "shop"}, {"server", "c"}}), 0);
    EXPECT_EQ(here.counted_before("errors_total", {{"pool", "shop"}}), 15);
    EXPECT_EQ(here.counted_before("requests_total", {{"pool", "shop"}}), 0);
}

TEST(metrics, tell_of_the_process) {
    exposition shown;
    collect_process(shown);
    const auto text = shown.text();
    for (const auto* name :
         {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
          "process_max_fds", "process_start_time_seconds", "process_threads"}) {
        EXPECT_THAT(text, HasSubstr("\n" + std::string(name) + " "));
        EXPECT_THAT(text, Not(HasSubstr("\n" + std::string(name) + " 0\n")));
    }
}

TEST(metrics, tell_what_was_built) {
    exposition shown;
    collect_build(shown, "1.2.3", "abcdef");
    EXPECT_THAT(shown.text(),
                HasSubstr("hawser_build_info{version=\"1.2.3\",revision=\"abcdef\"} 1\n"));
}

}  // namespace
}  // namespace hawser::observe
