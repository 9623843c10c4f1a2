// SPDX-License-Identifier: Apache-2.0
#include "health/comparison.h"

#include <algorithm>

namespace hawser::health {

namespace {

constexpr std::size_t compared_min = 3;

double mean_of(const window_counts& one) {
    return double(one.answer_time) / double(std::max<std::uint64_t>(one.answered, 1));
}

/// In microseconds, of those that answered often enough; 0: they are too few.
double median_time(std::span<const window_counts> all, const upstream::passive_settings& by) {
    std::vector<double> means;
    for (const auto& each : all)
        if (each.answered >= by.window_requests) means.push_back(mean_of(each));
    if (means.size() < compared_min) return 0;
    const auto middle = means.begin() + std::ptrdiff_t(means.size() / 2);
    std::ranges::nth_element(means, middle);
    return *middle;
}

bool has_errors(const window_counts& one, const window_counts& sum,
                const upstream::passive_settings& by) {
    if (by.error_percent == 0 || one.outcomes < by.window_requests) return false;
    if (one.failed * 100 < one.outcomes * by.error_percent) return false;
    const double own = double(one.failed) / double(one.outcomes);
    const std::uint64_t others = sum.outcomes - one.outcomes;
    const double theirs = others == 0 ? 0 : double(sum.failed - one.failed) / double(others);
    return own >= 2 * theirs;
}

bool is_slow(const window_counts& one, double median, const upstream::passive_settings& by) {
    if (by.slowness == 0 || median == 0 || one.answered < by.window_requests) return false;
    const auto least = double(std::chrono::microseconds(by.slow_from).count());
    return mean_of(one) >= std::max(least, median * by.slowness);
}

}  // namespace

std::string_view name_of(oddity what) noexcept {
    switch (what) {
        case oddity::none: return "none";
        case oddity::errors: return "error-rate";
        case oddity::slow: return "slow";
    }
    return "unknown";
}

std::vector<oddity> compare(std::span<const window_counts> all,
                            const upstream::passive_settings& by) {
    window_counts sum;
    for (const auto& each : all) {
        sum.outcomes += each.outcomes;
        sum.failed += each.failed;
    }
    const double median = median_time(all, by);
    std::vector<oddity> found;
    for (const auto& each : all)
        found.push_back(has_errors(each, sum, by)   ? oddity::errors
                        : is_slow(each, median, by) ? oddity::slow
                                                    : oddity::none);
    return found;
}

}  // namespace hawser::health
