// SPDX-License-Identifier: Apache-2.0
#include "registry/report.h"

#include <algorithm>
#include <bit>

namespace hawser::registry {

namespace {

template <std::size_t N>
void add(std::array<std::uint64_t, N>& sum, const std::array<std::uint64_t, N>& other) {
    for (std::size_t i = 0; i < N; ++i) sum[i] += other[i];
}

template <typename Member>
std::uint64_t sum_of(const std::vector<server_sessions>& servers, Member which) {
    std::uint64_t sum = 0;
    for (const auto& server : servers) sum += server.*which;
    return sum;
}

}  // namespace

std::string_view name_of(end_cause why) noexcept {
    switch (why) {
        case end_cause::idle: return "idle";
        case end_cause::absolute: return "absolute";
        case end_cause::evicted: return "evicted";
        case end_cause::ended: return "ended";
        case end_cause::renamed: return "renamed";
        case end_cause::superseded: return "superseded";
    }
    return "unknown";
}

void histogram::add(std::uint64_t seconds) {
    ++count[std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(seconds)), buckets - 1)];
}

histogram& histogram::operator+=(const histogram& other) {
    registry::add(count, other.count);
    return *this;
}

happenings& happenings::operator+=(const happenings& other) {
    begun += other.begun;
    returned += other.returned;
    remade += other.remade;
    restored += other.restored;
    add(ends, other.ends);
    add(tentative_ends, other.tentative_ends);
    add(moves, other.moves);
    lifetimes += other.lifetimes;
    return *this;
}

std::uint64_t pool_sessions::established() const {
    return sum_of(servers, &server_sessions::established);
}

std::uint64_t pool_sessions::tentative() const {
    return sum_of(servers, &server_sessions::tentative);
}

const pool_sessions* report::find(pool_id pool) const {
    const auto found = std::ranges::find(pools, pool, &pool_sessions::pool);
    return found == pools.end() ? nullptr : &*found;
}

void pool_sessions::merge_servers() {
    std::ranges::sort(servers, {}, &server_sessions::home);
    std::vector<server_sessions> merged;
    for (const auto& one : servers) {
        if (merged.empty() || merged.back().home != one.home) merged.push_back({one.home, 0, 0});
        merged.back().established += one.established;
        merged.back().tentative += one.tentative;
    }
    servers = std::move(merged);
}

const server_sessions* pool_sessions::find(server_id home) const {
    const auto found = std::ranges::find(servers, home, &server_sessions::home);
    return found == servers.end() ? nullptr : &*found;
}

}  // namespace hawser::registry
