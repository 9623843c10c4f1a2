// SPDX-License-Identifier: Apache-2.0
// What looking on costs a worker: filling and pushing a record, adding to counters; and what a line
// costs the log's thread.

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

#include "observe/access_format.h"
#include "observe/access_log.h"
#include "observe/counters.h"

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

void fill(access_record& record) {
    record.started = wall_time(1795608922123ms);
    record.total = 345us;
    record.status = 200;
    record.bytes_in = 410;
    record.bytes_out = 2048;
    record.session = 0x1234567890abcdef;
    record.verdict = "hit";
    record.cause = "none";
    record.protocol = "HTTP/1.1";
    record.attempts = 1;
    record.put(text::client, "192.0.2.7");
    record.put(text::listener, "web");
    record.put(text::method, "GET");
    record.put(text::target, "/shop/cart?item=1234&colour=blue");
    record.put(text::host, "shop.example");
    record.put(text::pool, "shop");
    record.put(text::server, "b");
    record.put(text::server_address, "10.0.0.2:8000");
    record.put(text::user_agent,
               "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
    record.put(text::referer, "https://shop.example/shop/");
}

void fill_a_record(benchmark::State& state) {
    for ([[maybe_unused]] const auto _ : state) {
        access_record record;
        fill(record);
        benchmark::DoNotOptimize(record);
    }
}
BENCHMARK(fill_a_record);

/// Into a ring whose reader has just made room, as when the log's thread keeps up.
void push_a_record(benchmark::State& state) {
    constexpr std::size_t batch = 1024;
    byte_ring ring(limits::access_ring);
    nap reader;
    access_record record;
    fill(record);
    for ([[maybe_unused]] const auto _ : state) {
        for (std::size_t count = 0; count < batch; ++count) {
            ring.push(record.bytes());
            reader.wake_if_needed(ring.is_filling());
        }
        state.PauseTiming();
        while (!ring.front().empty()) ring.pop();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
    state.counters["record_bytes"] = static_cast<double>(record.bytes().size());
}
BENCHMARK(push_a_record);

/// Faster than any thread could write: most records find a full ring.
void push_while_the_thread_writes(benchmark::State& state) {
    const auto log = access_log::open({.output = "/dev/null"}, 1);
    access_record record;
    fill(record);
    access_lane& lane = (*log)->lane(0);
    for ([[maybe_unused]] const auto _ : state) lane.push(record);
    const auto totals = (*log)->count();
    state.counters["dropped"] = static_cast<double>(totals.dropped_full);
}
BENCHMARK(push_while_the_thread_writes);

void format_a_line(benchmark::State& state, access_format format) {
    access_formatter formatter(format);
    access_record record;
    fill(record);
    std::string line;
    for ([[maybe_unused]] const auto _ : state) {
        line.clear();
        formatter.append(line, record);
        benchmark::DoNotOptimize(line.data());
    }
    state.counters["line_bytes"] = static_cast<double>(line.size());
}
BENCHMARK_CAPTURE(format_a_line, json, access_format::json);
BENCHMARK_CAPTURE(format_a_line, combined, access_format::combined);
BENCHMARK_CAPTURE(format_a_line, text, access_format::text);

void add_to_a_counter(benchmark::State& state) {
    counter count;
    benchmark::DoNotOptimize(&count);
    for ([[maybe_unused]] const auto _ : state) {
        count.add();
        benchmark::ClobberMemory();
    }
}
BENCHMARK(add_to_a_counter);

void add_to_a_histogram(benchmark::State& state) {
    request_histogram histogram;
    benchmark::DoNotOptimize(&histogram);
    std::chrono::microseconds duration = 17us;
    for ([[maybe_unused]] const auto _ : state) {
        duration = (duration + 37us) % 4096us;
        histogram.add(duration);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(add_to_a_histogram);

/// All that a request counts.
void account_for_a_request(benchmark::State& state) {
    static constexpr std::array<std::string_view, 1> names = {"none"};
    counters all(1, {names, names});
    const auto traffic = all.traffic("web", "shop");
    const auto pool = all.pool("shop");
    const auto server = all.server("shop", "a");
    for ([[maybe_unused]] const auto _ : state) {
        auto& seen = traffic->of(0);
        seen.requests[code_class(200)].add();
        seen.request_bytes.add(410);
        seen.response_bytes.add(2048);
        auto& of_pool = pool->of(0);
        of_pool.request_duration.add(345us);
        of_pool.upstream_duration.add(280us);
        of_pool.verdicts.add(2, 0);
        server->of(0).requests[code_class(200)].add();
        server->of(0).connections_reused.add();
        benchmark::ClobberMemory();
    }
}
BENCHMARK(account_for_a_request);

}  // namespace
}  // namespace hawser::observe
