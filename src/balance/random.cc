// SPDX-License-Identifier: Apache-2.0
#include "balance/random.h"

#include <algorithm>
#include <array>

#include "balance/mix.h"
#include "balance/share.h"
#include "base/limits.h"

namespace hawser::balance {

void random::settings::describe(config::fields<settings>& field) {
    field("choices", &settings::choices, "How many servers are drawn; the least loaded is taken.")
        .minimum(1)
        .maximum(limits::random_choices_max);
}

server& random::pick(const request_key&, candidates usable) {
    std::array<server*, limits::random_choices_max> drawn{};
    const std::size_t count = std::min({settings_.choices, usable.size(), drawn.size()});
    server* best = drawn[0] = &draw(usable, {});
    for (std::size_t n = 1; n < count; ++n) {
        drawn[n] = &draw(usable, std::span(drawn).first(n));
        if (share::of(*drawn[n]) < share::of(*best)) best = drawn[n];
    }
    return *best;
}

server& random::draw(candidates usable, std::span<server* const> drawn) {
    const auto is_drawn = [&](server* one) { return std::ranges::find(drawn, one) != drawn.end(); };
    std::uint64_t tickets = 0;
    for (server* one : usable)
        if (!is_drawn(one)) tickets += one->weight();

    server* first = nullptr;
    std::uint64_t ticket = below(tickets);
    for (server* one : usable) {
        if (is_drawn(one)) continue;
        const std::uint64_t weight = one->weight();
        if (ticket < weight) return *one;
        ticket -= weight;
        if (first == nullptr) first = one;
    }
    return *first;
}

std::uint64_t random::below(std::uint64_t bound) noexcept {
    state_ += 0x9e3779b97f4a7c15;
    return ((mix(state_) >> 32) * bound) >> 32;
}

}  // namespace hawser::balance
