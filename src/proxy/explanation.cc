// SPDX-License-Identifier: Apache-2.0
#include "proxy/explanation.h"

#include <algorithm>
#include <utility>

namespace hawser::proxy {

std::string_view why_not(const upstream::server& one) noexcept {
    if (one.state() == upstream::admin_state::maintenance) return "maintenance";
    if (one.state() == upstream::admin_state::drain) return "drains";
    if (one.weight() == 0) return "weight-0";
    if (!one.health.is_up()) return "down";
    if (one.sessions.is_full()) return "max-sessions";
    if (one.places.is_full()) return "max-connections";
    return {};
}

std::vector<explanation::candidate> candidates_of(const upstream::pool& pool,
                                                  std::span<const upstream::server* const> tried,
                                                  server_id home, const upstream::release* of) {
    std::vector<explanation::candidate> all;
    std::uint32_t first = UINT32_MAX;  // the lowest priority of those who may
    for (const auto& each : pool.servers()) {
        const bool was_tried = std::ranges::find(tried, each.get()) != tried.end();
        all.push_back({.server = each->name(),
                       .why_not = was_tried ? "tried" : why_not(*each),
                       .is_home = each->id() == home});
        if (all.back().why_not.empty() && of != nullptr && !of->has(each->id()))
            all.back().why_not = "release";
        if (all.back().why_not.empty()) first = std::min(first, each->priority());
    }
    std::size_t place = 0;
    for (const auto& each : pool.servers()) {
        auto& one = all[place++];
        if (one.why_not.empty() && each->priority() > first) one.why_not = "priority";
    }
    return all;
}

void explanation_shelf::put(std::shared_ptr<const explanation> one) {
    const std::lock_guard held(lock_);
    all_.push_front(std::move(one));
    if (all_.size() > most) all_.pop_back();
}

std::vector<std::shared_ptr<const explanation>> explanation_shelf::find(
    std::string_view request_id) const {
    const std::lock_guard held(lock_);
    std::vector<std::shared_ptr<const explanation>> found;
    for (const auto& each : all_)
        if (request_id.empty() || each->request_id == request_id) found.push_back(each);
    return found;
}

}  // namespace hawser::proxy
