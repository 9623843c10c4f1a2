// SPDX-License-Identifier: Apache-2.0
#include "registry/questions.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace hawser::registry {

namespace {

constexpr std::size_t batch = 256;

/// Batches that one call of `idle_question` takes: a walk passes over as many entries that it does
/// not select.
constexpr std::size_t looks = 16;

std::uint64_t& count_of(const session_view& one, std::chrono::seconds idle_after, impact& in) {
    using upstream::session_class;
    switch (upstream::class_of(one.stands(), idle_after)) {
        case session_class::tentative: return in.tentative;
        case session_class::idle: return in.idle;
        case session_class::active: return in.active;
        case session_class::tunnel: return in.with_tunnel;
    }
    std::unreachable();
}

}  // namespace

impact_question::impact_question(std::vector<server_id> homes, std::chrono::seconds idle_after)
    : homes_(std::move(homes)), idle_after_(idle_after) {
    std::ranges::sort(homes_);
}

bool impact_question::advance(const registry& sessions, steady_time now) {
    selection which;
    if (homes_.size() == 1) which.home = homes_.front();
    std::array<session_view, batch> some;
    const std::size_t count = sessions.walk(at_, which, some, now);
    for (std::size_t n = 0; n < count; ++n)
        if (std::ranges::binary_search(homes_, some[n].home.home))
            ++count_of(some[n], idle_after_, found_);
    return at_.done;
}

impact would_move(const registry& sessions, std::vector<server_id> homes,
                  std::chrono::seconds idle_after, steady_time now) {
    impact_question question(std::move(homes), idle_after);
    while (!question.advance(sessions, now)) {
    }
    return question.so_far();
}

bool idle_question::advance(const registry& sessions, steady_time now) {
    std::array<session_view, batch> some;
    for (std::size_t n = 0; n < looks && !at_.done; ++n) {
        const std::size_t count = sessions.walk(at_, {.tentative = false}, some, now);
        for (const session_view& each : std::span(some).first(count))
            so_far_[each.pool].add(static_cast<std::uint64_t>(each.idle.count()));
    }
    if (!at_.done) return false;
    at_ = {};
    told_ = std::exchange(so_far_, {});
    return true;
}

const histogram* idle_question::told(pool_id pool) const {
    const auto found = told_.find(pool);
    return found != told_.end() ? &found->second : nullptr;
}

}  // namespace hawser::registry
