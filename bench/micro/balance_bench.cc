// SPDX-License-Identifier: Apache-2.0
// What a pick costs, for every kind, by number of servers; two workers' counts are summed.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "balance/kinds.h"
#include "upstream/pool.h"

namespace hawser {
namespace {

std::vector<std::shared_ptr<upstream::server>> servers_of(std::int64_t count) {
    std::vector<std::shared_ptr<upstream::server>> made;
    for (std::uint32_t n = 0; n < static_cast<std::uint32_t>(count); ++n) {
        made.push_back(std::make_shared<upstream::server>(
            "shop",
            upstream::server_description{
                .name = "s" + std::to_string(n), .address = {}, .weight = 1 + n % 3},
            2, n));
    }
    return made;
}

/// Picks as a worker does, with each picked server busy until eight more were picked.
void pick(benchmark::State& state, const std::string& kind) {
    const auto owned = servers_of(state.range(0));
    std::vector<upstream::server*> usable;
    for (const auto& each : owned) usable.push_back(each.get());
    const auto balancer = balance::choice(kind).make(balance::worker_seed{1});
    balancer->meet(usable);

    std::array<upstream::server*, 8> busy{};
    std::size_t turn = 0;
    std::uint64_t client = 0;
    for ([[maybe_unused]] const auto _ : state) {
        auto& oldest = busy[turn++ % busy.size()];
        if (oldest != nullptr) oldest->load.of_worker(0).in_flight.subtract();
        oldest = &balancer->pick({.hash = ++client}, usable);
        oldest->load.of_worker(0).in_flight.add();
    }
}

/// Gathering the candidates for a pick, all servers being fit.
void candidates(benchmark::State& state) {
    const upstream::pool pool("shop", {}, servers_of(state.range(0)));
    std::vector<upstream::server*> scratch;
    const upstream::attempt asked{.now = std::chrono::steady_clock::now()};
    for ([[maybe_unused]] const auto _ : state)
        benchmark::DoNotOptimize(pool.candidates(asked, scratch).size());
}

/// Finding the home that a token names: what a request of a bound session costs here.
void find_home(benchmark::State& state) {
    const upstream::pool pool("shop", {}, servers_of(state.range(0)));
    std::size_t turn = 0;
    for ([[maybe_unused]] const auto _ : state) {
        const auto& home = pool.servers()[turn++ % pool.servers().size()];
        benchmark::DoNotOptimize(pool.find(home->id()));
    }
}

BENCHMARK(candidates)->Arg(3)->Arg(20)->Arg(100);
BENCHMARK(find_home)->Arg(3)->Arg(20)->Arg(100);

const bool kinds_are_registered = [] {
    for (const auto kind : balance::kinds.names())
        benchmark::RegisterBenchmark(("pick/" + std::string(kind)).c_str(), pick, std::string(kind))
            ->Arg(3)
            ->Arg(20)
            ->Arg(100);
    return true;
}();

}  // namespace
}  // namespace hawser
