// SPDX-License-Identifier: Apache-2.0
#include "upstream/load.h"

#include <algorithm>

namespace hawser::upstream {

std::string_view name_of(failure kind) noexcept {
    switch (kind) {
        case failure::connect: return "connect";
        case failure::no_answer: return "no-answer";
        case failure::timed_out: return "timed-out";
        case failure::status: return "status";
        case failure::cut: return "cut";
    }
    return "unknown";
}

load::load(std::size_t workers)
    : workers_(workers), blocks_(std::make_unique<worker_load[]>(workers)) {
    ensure(workers > 0, "somebody counts");
}

double load::response_time(steady_time now) const noexcept {
    double sum = 0;
    double weights = 0;
    double freshest = 0;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        const auto& measured = blocks_[worker].response;
        const double weight = measured.weight(now);
        sum += weight * measured.average();
        weights += weight;
        freshest = std::max(freshest, weight);
    }
    return weights > 0 ? sum / weights * freshest : 0;
}

load_totals load::totals() const noexcept {
    load_totals sum;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        const worker_load& block = blocks_[worker];
        sum.in_flight += block.in_flight.read();
        sum.connections += block.connections.read();
        sum.requests += block.requests.read();
        sum.connects += block.connects.read();
        sum.outcomes += block.outcomes.all.read();
        sum.failed += block.outcomes.failed.read();
        sum.answered += block.outcomes.answered.read();
        sum.answer_time += block.outcomes.answer_time.read();
    }
    return sum;
}

}  // namespace hawser::upstream
