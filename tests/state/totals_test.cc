// SPDX-License-Identifier: Apache-2.0
#include "state/totals.h"

#include <gtest/gtest.h>

#include <limits>

namespace hawser::state {
namespace {

using observe::total;

const total requests{.name = "hawser_requests_total",
                     .help = "Requests.",
                     .labels = {{"pool", "shop"}, {"code", "2xx"}},
                     .value = 12345678901234};
const total durations{.name = "hawser_request_duration_seconds",
                      .help = "Time.",
                      .labels = {},
                      .value = 2.5,
                      .counts = {1, 2, 4},
                      .bounds = {0.001, 1}};

bytes text_of(const std::vector<total>& all) {
    bytes text;
    for (const auto& one : all) append(one, text);
    return text;
}

TEST(state_totals, read_as_they_were_written) {
    const std::vector<total> all = {requests, durations};
    EXPECT_EQ(read_totals(text_of(all)), all);
    EXPECT_EQ(read_totals({}), std::vector<total>());
}

TEST(state_totals, that_are_cut_anywhere_are_not_read) {
    const auto text = text_of({durations});
    for (std::size_t size = 1; size < text.size(); ++size)
        EXPECT_FALSE(read_totals(std::span(text).first(size))) << size;
}

TEST(state_totals, that_cannot_be_are_not_read) {
    auto nameless = requests;
    nameless.name.clear();
    auto negative = requests;
    negative.value = -1;
    auto endless = requests;
    endless.value = std::numeric_limits<double>::infinity();
    for (const auto& each : {nameless, negative, endless})
        EXPECT_FALSE(read_totals(text_of({each})));
}

TEST(state_totals, a_number_of_places_that_is_not_there_costs_no_memory) {
    auto text = text_of({requests});
    text[text.size() - 4] = 0xff;  // the places of a histogram
    EXPECT_FALSE(read_totals(text));
}

}  // namespace
}  // namespace hawser::state
