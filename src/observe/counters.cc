// SPDX-License-Identifier: Apache-2.0
#include "observe/counters.h"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "observe/exposition.h"

namespace hawser::observe {

namespace {

constexpr std::array<std::string_view, 6> code_names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

double number(std::uint64_t count) { return static_cast<double>(count); }

label_list with(label_list labels, std::string_view name, std::string_view value) {
    labels.emplace_back(name, value);
    return labels;
}

template <typename Block>
double sum_of(const per_worker<Block>& row, counter Block::* member) {
    return number(row.sum([&](const Block& block) { return (block.*member).value(); }));
}

/// A counter for each class of code; the unusual ones only once they occurred.
template <typename Block>
void show_codes(exposition& into, std::string_view name, std::string_view help,
                const label_list& labels, const per_worker<Block>& row) {
    for (std::size_t code = 0; code < code_names.size(); ++code) {
        const auto count = row.sum([&](const Block& each) { return each.requests[code].value(); });
        if (count == 0 && code < 2) continue;
        into.counter(name, help, with(labels, "code", code_names[code]), number(count));
    }
}

/// What a family of counters by cause is called, and its labels for the cause and what it is of.
struct cause_family {
    std::string_view name;
    std::string_view help;
    std::string_view cause_label;
    std::string_view of_label = {};
};

template <typename Block, typename Causes>
void show_causes(exposition& into, const cause_family& family, const label_list& labels,
                 const per_worker<Block>& row, Causes Block::* member) {
    std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> sums;
    row.for_each([&](const Block& block) {
        (block.*member)
            .for_each([&](std::string_view cause, std::string_view of, std::uint64_t count) {
                sums[{cause, of}] += count;
            });
    });
    for (const auto& [key, count] : sums) {
        label_list all = labels;
        if (!family.of_label.empty()) all.emplace_back(family.of_label, key.second);
        all.emplace_back(family.cause_label, key.first);
        into.counter(family.name, family.help, all, number(count));
    }
}

template <typename Block, const auto& Bounds>
void show_histogram(exposition& into, std::string_view name, std::string_view help,
                    const label_list& labels, const per_worker<Block>& row,
                    basic_histogram<Bounds> Block::* member) {
    std::array<std::uint64_t, basic_histogram<Bounds>::buckets> counts{};
    for (std::size_t bucket = 0; bucket < counts.size(); ++bucket)
        counts[bucket] = row.sum([&](const Block& block) { return (block.*member).count(bucket); });
    const auto sum = row.sum([&](const Block& block) { return (block.*member).sum(); });
    into.histogram(name, help, labels, Bounds, counts, sum);
}

void show(exposition& into, const label_list& labels, const per_worker<listener_counters>& row) {
    using block = listener_counters;
    // Read in this order, what is open is never less than nothing.
    const double closed = sum_of(row, &block::connections_closed);
    const double accepted = sum_of(row, &block::connections);
    into.gauge("connections", "Open connections of clients.", labels, accepted - closed);
    into.counter("connections_total", "Connections accepted.", labels, accepted);
    show_causes(
        into,
        {"connections_refused_total", "Connections closed without a word, by reason.", "reason"},
        labels, row, &block::connections_refused);
    show_causes(
        into,
        {"tls_handshakes_total", "Handshakes that clients have completed.", "version", "kind"},
        labels, row, &block::handshakes);
    show_causes(into,
                {"connections_broken_total",
                 "Connections ended for a fault of the client, by reason.", "reason"},
                labels, row, &block::connections_broken);
}

void show(exposition& into, const label_list& labels, const per_worker<traffic_counters>& row) {
    using block = traffic_counters;
    show_codes(into, "requests_total", "Requests, by the class of the code that answered them.",
               labels, row);
    into.counter("request_bytes_total", "Bytes of requests, heads and bodies, from clients.",
                 labels, sum_of(row, &block::request_bytes));
    into.counter("response_bytes_total", "Bytes of answers, heads and bodies, to clients.", labels,
                 sum_of(row, &block::response_bytes));
    show_causes(
        into,
        {"requests_ended_early_total", "Requests refused, aborted or cut, by cause.", "cause"},
        labels, row, &block::ended);
}

/// In most pools nobody ever does.
bool has_waited(const per_worker<pool_counters>& row) {
    bool has = false;
    row.for_each([&](const pool_counters& block) {
        block.queue_waits.for_each([&](auto, auto, std::uint64_t count) { has |= count != 0; });
    });
    return has;
}

void show(exposition& into, const label_list& labels, const per_worker<pool_counters>& row) {
    using block = pool_counters;
    show_histogram(into, "request_duration_seconds",
                   "From a request's first byte to its answer's last.", labels, row,
                   &block::request_duration);
    show_histogram(into, "upstream_duration_seconds",
                   "From a request sent to the first byte of the server's answer.", labels, row,
                   &block::upstream_duration);
    show_causes(into, {"retries_total", "Attempts after a failed one, by its reason.", "reason"},
                labels, row, &block::retries);
    show_causes(
        into,
        {"retries_refused_total", "Retries that a limit did not allow, by the limit.", "limit"},
        labels, row, &block::retries_refused);
    show_causes(into,
                {"queue_waits_total", "Requests that waited for a place at a server, by outcome.",
                 "outcome"},
                labels, row, &block::queue_waits);
    if (has_waited(row))
        show_histogram(into, "queue_duration_seconds",
                       "How long requests waited for a place at a server.", labels, row,
                       &block::queue_duration);
    show_causes(into,
                {"affinity_invalid_total", "Session keys that could not be used, by reason.",
                 "reason", "kind"},
                labels, row, &block::affinity_invalid);
    show_causes(into,
                {"session_guesses_total",
                 "Requests whose source shows too many session ids that nobody knows, by what "
                 "became of them.",
                 "outcome"},
                labels, row, &block::guesses);
    const double closed = sum_of(row, &block::tunnels_closed);
    const double opened = sum_of(row, &block::tunnels_opened);
    into.gauge("websocket_connections", "Open WebSockets.", labels, opened - closed);
    into.counter("websocket_connections_total", "WebSockets opened.", labels, opened);
}

/// Nothing of a server to which nobody has connected.
void show_path(exposition& into, const label_list& labels, const per_worker<server_counters>& row) {
    const auto sum = [&](counter path_counters::* member) {
        return row.sum([&](const server_counters& each) { return (each.path.*member).value(); });
    };
    const auto time = [&](counter path_counters::* member) {
        return std::chrono::microseconds(sum(member));
    };
    const auto segments = sum(&path_counters::segments);
    const auto connects = sum(&path_counters::connects);
    if (segments == 0 && connects == 0) return;
    into.summary("server_connect_duration_seconds", "How long connecting to a server took.", labels,
                 connects, time(&path_counters::connect_time));
    into.summary("server_round_trip_seconds", "Round-trip times to a server, as the kernel knows.",
                 labels, sum(&path_counters::round_trips), time(&path_counters::round_trip_time));
    into.counter("server_segments_sent_total", "TCP segments sent to a server.", labels,
                 number(segments));
    into.counter("server_retransmits_total", "TCP segments that had to be sent again.", labels,
                 number(sum(&path_counters::retransmits)));
}

void show(exposition& into, const label_list& labels, const per_worker<server_counters>& row) {
    using block = server_counters;
    show_codes(into, "server_requests_total",
               "Requests answered by a server, by the class of its code.", labels, row);
    into.counter("server_connection_reuses_total", "Requests that used an idle connection.", labels,
                 sum_of(row, &block::connections_reused));
    show_causes(into, {"server_errors_total", "Failed attempts at a server, by kind.", "kind"},
                labels, row, &block::errors);
    show_causes(into, {ejections, ejections_help, "cause"}, labels, row, &block::ejections);
    show_path(into, labels, row);
}

void show_verdicts(exposition& into, const verdict_names& names, std::string_view pool,
                   const per_worker<pool_counters>& row) {
    for (std::size_t verdict = 0; verdict < names.verdicts.size(); ++verdict) {
        for (std::size_t cause = 0; cause < names.causes.size(); ++cause) {
            const auto count = row.sum(
                [&](const pool_counters& block) { return block.verdicts.value(verdict, cause); });
            if (count == 0) continue;
            into.counter("session_verdicts_total", "What affinity did for requests, and why.",
                         {{"pool", pool},
                          {"verdict", names.verdicts[verdict]},
                          {"cause", names.causes[cause]}},
                         number(count));
        }
    }
}

}  // namespace

counters::counters(std::size_t workers, verdict_names names)
    : names_(names),
      workers_(workers),
      listeners_(workers),
      traffic_(workers),
      pools_(workers),
      servers_(workers),
      rate_limits_(workers) {
    ensure(names.verdicts.size() <= limits::counted_verdicts_max &&
               names.causes.size() <= limits::counted_causes_max,
           "there is room for every verdict and cause");
}

counters::listener_row counters::listener(std::string_view name) {
    return listeners_.at({std::string(name)});
}

counters::traffic_row counters::traffic(std::string_view listener, std::string_view pool) {
    return traffic_.at({std::string(listener), std::string(pool)});
}

counters::pool_row counters::pool(std::string_view name) { return pools_.at({std::string(name)}); }

counters::server_row counters::server(std::string_view pool, std::string_view name) {
    return servers_.at({std::string(pool), std::string(name)});
}

counters::limit_row counters::rate_limit(std::string_view listener, std::string_view route,
                                         std::string_view key) {
    return rate_limits_.at({std::string(listener), std::string(route), std::string(key)});
}

void counters::collect(exposition& into) const {
    listeners_.for_each(
        [&](const auto& names, const auto& row) { show(into, {{"listener", names[0]}}, row); });
    traffic_.for_each([&](const auto& names, const auto& row) {
        show(into, {{"listener", names[0]}, {"pool", names[1]}}, row);
    });
    pools_.for_each([&](const auto& names, const auto& row) {
        show(into, {{"pool", names[0]}}, row);
        show_verdicts(into, names_, names[0], row);
    });
    servers_.for_each([&](const auto& names, const auto& row) {
        show(into, {{"pool", names[0]}, {"server", names[1]}}, row);
    });
    rate_limits_.for_each([&](const auto& names, const auto& row) {
        into.counter("rate_limited_total", "Requests refused by a rate limit.",
                     {{"listener", names[0]}, {"route", names[1]}, {"key", names[2]}},
                     sum_of(row, &limit_counters::refused));
    });
    show_causes(into, {"limits_reached_total", "Times that a limit was reached.", "limit"}, {},
                workers_, &worker_counters::limits_reached);
}

}  // namespace hawser::observe
