// SPDX-License-Identifier: Apache-2.0
#include "health/outliers.h"

#include <algorithm>

namespace hawser::health {

namespace {

using upstream::failure;
using upstream::server;

constexpr auto relaxed = std::memory_order_relaxed;

/// Keeps the cache line of a healthy server shared: a reset that changes nothing writes nothing.
void reset(std::atomic<std::uint32_t>& count) noexcept {
    if (count.load(relaxed) != 0) count.store(0, relaxed);
}

/// True when the failure is the one that takes the server out, or a later one that came while
/// others decided.
bool is_one_too_many(server& who, failure why, const upstream::passive_settings& rules) noexcept {
    if (why == failure::connect)
        return who.outliers.connect_failures.fetch_add(1, relaxed) + 1 >= rules.connect_failures;
    reset(who.outliers.connect_failures);
    return who.outliers.answer_failures.fetch_add(1, relaxed) + 1 >= rules.answer_failures;
}

std::int64_t ticks_of(steady_time moment) noexcept { return moment.time_since_epoch().count(); }

}  // namespace

std::string_view name_of(finding::change what) noexcept {
    switch (what) {
        case finding::change::none: return "none";
        case finding::change::went_out: return "went-out";
        case finding::change::stays_out: return "stays-out";
        case finding::change::came_back: return "came-back";
    }
    return "unknown";
}

finding outliers::succeeded(server& who, instant now) const noexcept {
    if (!pool_.settings().passive.is_on) return {};
    if (who.health.is_up()) [[likely]] {
        reset(who.outliers.connect_failures);
        reset(who.outliers.answer_failures);
        return {};
    }
    // Out and nobody was let through: an answer to a request of before. Its time is not over.
    if (!who.health.is_on_trial()) return {};

    const bool was_gone = who.outliers.was_gone.load(relaxed);
    who.outliers.back_since.store(ticks_of(now.steady), relaxed);
    if (!who.health.bring_back(now.wall, was_gone)) return {};
    return {.what = finding::change::came_back, .outages = who.outliers.outages.load(relaxed)};
}

finding outliers::failed(server& who, failure why, instant now) const noexcept {
    if (!pool_.settings().passive.is_on) return {};
    if (who.health.is_on_trial()) return end_trial(who, why, now);
    if (!who.health.is_up()) return {};
    if (!is_one_too_many(who, why, pool_.settings().passive)) return {};
    if (why != failure::connect && !has_spare(1)) return {};
    return take_out(who, why, now);
}

finding outliers::stood_out(server& who, instant now) const noexcept {
    if (!pool_.settings().passive.is_on || !who.health.is_up() || !has_spare(1)) return {};
    return take_out(who, failure::status, now);
}

finding outliers::take_out(server& who, failure why, instant now) const noexcept {
    const auto well_since =
        steady_time(steady_time::duration(who.outliers.back_since.load(relaxed)));
    const bool is_forgiven = now.steady - well_since > pool_.settings().passive.maximum;
    const std::uint32_t outages = is_forgiven ? 1 : who.outliers.outages.load(relaxed) + 1;
    const auto lasting = time_out_for(outages);

    if (!who.health.take_out(now.steady + lasting)) return {};
    if (why != failure::connect && !has_spare(0)) {
        // Another worker has just taken out another server: together they are too many.
        who.health.undo_take_out();
        return {};
    }
    who.outliers.outages.store(outages, relaxed);
    who.outliers.was_gone.store(why == failure::connect, relaxed);
    reset(who.outliers.connect_failures);
    reset(who.outliers.answer_failures);
    return {finding::change::went_out, why, lasting, outages};
}

finding outliers::end_trial(server& who, failure why, instant now) const noexcept {
    const std::uint32_t outages = who.outliers.outages.load(relaxed) + 1;
    const auto lasting = time_out_for(outages);

    if (!who.health.end_trial(now.steady + lasting)) return {};
    who.outliers.outages.store(outages, relaxed);
    if (why == failure::connect) who.outliers.was_gone.store(true, relaxed);
    return {finding::change::stays_out, why, lasting, outages};
}

std::chrono::milliseconds outliers::time_out_for(std::uint32_t outages) const noexcept {
    const auto& rules = pool_.settings().passive;
    auto lasting = std::max(rules.base, std::chrono::milliseconds(1));
    for (std::uint32_t grown = 1; grown < outages && lasting < rules.maximum; ++grown) lasting *= 2;
    return std::min(lasting, std::max(rules.maximum, rules.base));
}

/// With `more` servers out besides those that are, enough of the pool is left.
bool outliers::has_spare(std::size_t more) const noexcept {
    std::size_t all = 0;
    std::size_t out = more;
    for (const auto& each : pool_.servers()) {
        if (each->state() == upstream::admin_state::maintenance) continue;
        ++all;
        if (!each->health.is_up()) ++out;
    }
    const bool is_alone_out = out == 1 && all > 1;
    return is_alone_out || out * 100 <= all * pool_.settings().passive.out_percent;
}

}  // namespace hawser::health
