// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/hub.h"

#include <map>
#include <string>
#include <vector>

#include "sessions/resp/command.h"

namespace hawser::sessions::resp {

namespace {

/// The sum over all workers, by cause.
template <typename Read>
std::map<std::string, std::uint64_t> sums(const observe::per_worker<counters>& all, Read&& read) {
    std::map<std::string, std::uint64_t> sum;
    all.for_each([&](const counters& one) {
        read(one).for_each([&](std::string_view cause, std::string_view, std::uint64_t count) {
            sum[std::string(cause)] += count;
        });
    });
    return sum;
}

void collect_times(const observe::per_worker<counters>& all, const command& one,
                   observe::exposition& into) {
    std::vector<std::uint64_t> counts(command_bounds.size() + 1);
    std::chrono::microseconds sum{0};
    all.for_each([&](const counters& each) {
        const auto& times = each.times[place_of(one)];
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += times.count(i);
        sum += times.sum();
    });
    into.histogram(
        "session_command_seconds",
        "How long commands took; of those that need not wait one in 16 is timed, for all.",
        {{"command", one.name}}, command_bounds, counts, sum);
}

}  // namespace

void hub::collect(observe::exposition& into) const {
    const auto total = [this](auto member) {
        return double(counted.sum([member](const counters& one) { return (one.*member).value(); }));
    };
    into.gauge("session_clients", "Connections to the RESP door.", {}, double(connections.load()));
    into.counter("session_clients_total", "Connections that came to the RESP door.", {},
                 total(&counters::connections));
    into.counter("session_logins_failed_total", "Wrong passwords at the RESP door.", {},
                 total(&counters::failed_logins));
    for (const auto& [cause, count] : sums(counted, [](auto& one) -> auto& { return one.refused; }))
        into.counter("session_clients_refused_total", "Connections refused, by cause.",
                     {{"cause", cause}}, double(count));
    for (const auto& one : all_commands()) {
        const std::uint64_t count =
            counted.sum([&](const counters& each) { return each.commands[place_of(one)].value(); });
        if (count == 0) continue;
        into.counter("session_commands_total", "Commands served, by name.", {{"command", one.name}},
                     double(count));
        collect_times(counted, one, into);
    }
    for (const auto& [code, count] : sums(counted, [](auto& one) -> auto& { return one.errors; }))
        into.counter("session_errors_total", "Commands answered with an error, by its code.",
                     {{"code", code}}, double(count));
}

}  // namespace hawser::sessions::resp
