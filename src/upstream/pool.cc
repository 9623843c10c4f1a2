// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/hash.h"

namespace hawser::upstream {

pool::pool(std::string name, pool_settings settings, std::vector<std::shared_ptr<server>> servers,
           std::shared_ptr<upstream::crowd> around)
    : name_(std::move(name)),
      id_(pool_id_of(name_)),
      settings_(std::move(settings)),
      servers_(std::move(servers)),
      crowd_(around != nullptr ? std::move(around) : std::make_shared<upstream::crowd>()) {
    crowd_->limit(settings_.limits);
    if (settings_.first_claim.is_on() && crowd_->firsts == nullptr)
        crowd_->firsts = std::make_unique<first_claims>();
    for (const auto& each : servers_) each->join(crowd_);
    for (const auto& each : servers_) by_id_.push_back({each->id(), each.get()});
    std::ranges::sort(by_id_, {}, &entry::id);
    const auto twin = std::ranges::adjacent_find(by_id_, {}, &entry::id);
    ensure(twin == by_id_.end(), "the configuration was checked for ids that collide");
}

server* pool::find(server_id id) const noexcept {
    const auto at = std::ranges::lower_bound(by_id_, id, {}, &entry::id);
    return at != by_id_.end() && at->id == id ? at->found : nullptr;
}

std::shared_ptr<server> pool::share(server_id id) const noexcept {
    const auto at = std::ranges::find_if(servers_, [&](const auto& s) { return s->id() == id; });
    return at != servers_.end() ? *at : nullptr;
}

server* pool::find(std::string_view name) const noexcept {
    const auto at =
        std::ranges::find_if(servers_, [&](const auto& s) { return s->name() == name; });
    return at != servers_.end() ? at->get() : nullptr;
}

server* pool::successor_of(server_id id) const noexcept {
    const auto named = std::ranges::find(settings_.successors, id, &succession::of);
    return named != settings_.successors.end() ? find(named->by) : nullptr;
}

std::span<server* const> pool::candidates(const attempt& asked,
                                          std::vector<server*>& scratch) const {
    scratch.clear();
    server* due = nullptr;
    std::uint32_t priority = 0;
    for (const auto& each : servers_) {
        server& one = *each;
        if (one.priority() != priority) {
            if (!scratch.empty()) break;
            priority = one.priority();
        }
        if (!is_asked(asked, one)) continue;
        if (one.is_usable_for_new()) {
            scratch.push_back(&one);
        } else if (due == nullptr && one.health.is_trial_due(asked.now) && one.takes_new() &&
                   !one.places.is_full() && !one.sessions.is_full()) {
            due = &one;
        }
    }
    const bool panics = is_in_panic();
    if (due == nullptr) return panics ? all_that_take_new(asked, scratch) : scratch;

    // A retry has had its bad luck already, and goes to a server that works if there is one.
    const bool is_overdue = asked.now >= due->health.out_until() + limits::trial_patience;
    const bool may_try = asked.tried.empty() && (asked.is_repeatable || is_overdue);
    if ((may_try || scratch.empty()) && (asked.only_looks || due->health.take_trial(asked.now))) {
        scratch.assign(1, due);
        return scratch;
    }
    return panics ? all_that_take_new(asked, scratch) : scratch;
}

std::span<server* const> pool::all_that_take_new(const attempt& asked,
                                                 std::vector<server*>& scratch) const {
    scratch.clear();
    for (const auto& each : servers_) {
        if (is_asked(asked, *each) && each->takes_new() && !each->places.is_full() &&
            !each->sessions.is_full())
            scratch.push_back(each.get());
    }
    return scratch;
}

bool pool::is_in_panic() const noexcept {
    if (settings_.panic_percent == 0) return false;
    std::size_t all = 0;
    std::size_t up = 0;
    for (const auto& each : servers_) {
        if (!each->takes_new()) continue;
        ++all;
        up += each->health.is_up();
    }
    return up * 100 < all * settings_.panic_percent;
}

bool pool::is_only_full(std::span<const server* const> tried, const release* of) const noexcept {
    const attempt asked{.now = {}, .tried = tried, .of = of};
    return std::ranges::any_of(
        servers_, [&](const auto& each) { return each->is_only_full() && is_asked(asked, *each); });
}

bool pool::is_asked(const attempt& asked, const server& one) noexcept {
    return std::ranges::find(asked.tried, &one) == asked.tried.end() &&
           (asked.of == nullptr || asked.of->has(one.id()));
}

const release* pool::release_of(server_id id) const noexcept {
    const auto at =
        std::ranges::find_if(settings_.releases, [&](const auto& each) { return each.has(id); });
    return at != settings_.releases.end() ? &*at : nullptr;
}

bool pool::is_alive(const release& one, std::span<const server* const> tried) const noexcept {
    const attempt asked{.now = {}, .tried = tried, .of = &one};
    return std::ranges::any_of(servers_, [&](const auto& each) {
        return is_asked(asked, *each) && each->health.is_up() && each->takes_new();
    });
}

/// Releases that nobody could have a session of have no share.
const release* pool::release_for(std::uint64_t hash) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& each : settings_.releases)
        if (is_alive(each)) sum += each.weight;
    if (sum == 0) return nullptr;
    // The upper bits, as balancers go by the whole of it.
    std::uint64_t at = (hash >> 32) * sum >> 32;
    for (const auto& each : settings_.releases) {
        if (!is_alive(each)) continue;
        if (at < each.weight) return &each;
        at -= each.weight;
    }
    return nullptr;
}

std::size_t pool::count_usable() const noexcept {
    const auto count = std::ranges::count_if(
        servers_, [](const auto& s) { return s->health.is_up() && s->takes_new(); });
    return static_cast<std::size_t>(count);
}

}  // namespace hawser::upstream
