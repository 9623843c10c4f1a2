// SPDX-License-Identifier: Apache-2.0
#include "app/session_saves.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "app/configuration/session_service.h"

namespace hawser::app {

namespace {

using hawser::sessions::size_counts;

void collect_outcomes(const hawser::sessions::save_counts& counted, std::string_view name,
                      observe::exposition& into) {
    const std::pair<std::string_view, const std::atomic<std::uint64_t>&> outcomes[] = {
        {"written", counted.written},         {"touched", counted.touched},
        {"merged", counted.merged},           {"overwritten", counted.overwritten},
        {"unmergeable", counted.unmergeable}, {"rejected", counted.rejected},
        {"dropped", counted.dropped}};
    for (const auto& [outcome, count] : outcomes)
        into.counter("session_saves_total", "Saves of sessions, by what became of them.",
                     {{"namespace", name}, {"outcome", outcome}}, double(count.load()));
    into.counter("session_saves_unknown_base_total",
                 "Saves of sessions that are based on what nobody knows.", {{"namespace", name}},
                 double(counted.unknown.load()));
    into.counter("session_value_conflicts_total",
                 "Values of sessions that two saves had changed: the later one's stands.",
                 {{"namespace", name}}, double(counted.value_conflicts.load()));
}

void collect_sizes(const size_counts& counted, const observe::label_list& labels,
                   observe::exposition& into) {
    for (std::size_t i = 0; i <= size_counts::bounds.size(); ++i) {
        const auto up_to =
            i < size_counts::bounds.size() ? std::to_string(size_counts::bounds[i]) : "more";
        auto one = labels;
        one.emplace_back("up_to", up_to);
        into.counter("session_writes_by_size_total",
                     "Sessions written, by their class and the bytes of their data: up to so many, "
                     "and more than the step before.",
                     one, double(counted.count(i)));
    }
    into.counter("session_written_bytes_total", "Bytes of data in them.", labels,
                 double(counted.bytes()));
}

}  // namespace

void collect_saves(hawser::sessions::name_space& of, observe::exposition& into) {
    const auto name = of.space.name();
    collect_outcomes(of.saves, name, into);
    for (const auto& each : choices(store::durability()))
        collect_sizes(of.sizes(each.value), {{"namespace", name}, {"class", each.name}}, into);
    const std::chrono::nanoseconds spent(of.costs.nanoseconds.load());
    into.summary("session_save_cpu_seconds",
                 "What saves cost the workers' processors; of few of them, as it is reckoned for "
                 "one command in 61.",
                 {{"namespace", name}}, of.costs.saves.load(),
                 std::chrono::duration_cast<std::chrono::microseconds>(spent));
}

}  // namespace hawser::app
