// SPDX-License-Identifier: Apache-2.0
#include "upstream/fleet.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::upstream {

namespace {

result<> collide(const std::string& one, const std::string& other) {
    return fail(errc::invalid, "\"" + one + "\" and \"" + other +
                                   "\" have the same id by chance: rename one of them");
}

/// Who has an id, to tell a name used twice from two names whose hashes collide.
template <typename Id>
class ids_in_use {
  public:
    result<> add(Id id, const std::string& name) {
        const auto [at, is_new] = names_.emplace(id, name);
        if (is_new) return {};
        if (at->second == name) return fail(errc::invalid, "\"" + name + "\" is there twice");
        return collide(at->second, name);
    }

  private:
    std::map<Id, std::string> names_;
};

result<> check_server(const server_description& described) {
    if (described.name.empty()) return fail(errc::invalid, "a server needs a name");
    if (described.address.family() == io::endpoint::kind::none)
        return fail(errc::invalid, "server \"" + described.name + "\" needs an address");
    if (described.weight > limits::server_weight_max)
        return fail(errc::invalid, "the weight of \"" + described.name + "\" is above " +
                                       std::to_string(limits::server_weight_max));
    return {};
}

std::uint32_t priority_of(const std::shared_ptr<server>& one) noexcept { return one->priority(); }

bool is_unchanged(const pool& before, const pool_settings& settings,
                  const std::vector<std::shared_ptr<server>>& servers) {
    return before.settings() == settings && std::ranges::equal(before.servers(), servers);
}

}  // namespace

result<> fleet::check(const change& wanted) const {
    ids_in_use<pool_id> pools;
    ids_in_use<server_id> servers;
    // What goes or changes leaves its ids to others.
    std::set<std::string_view> named(wanted.gone.begin(), wanted.gone.end());
    for (const auto& each : wanted.pools) named.insert(each.name);
    const auto holder = [&](const auto& all, auto id) -> const pool* {
        const auto found = all.find(id);
        return found == all.end() || named.contains(found->second->name()) ? nullptr
                                                                           : found->second;
    };
    for (const auto& each : wanted.pools) {
        if (each.name.empty()) return fail(errc::invalid, "a pool needs a name");
        if (each.servers.size() > limits::servers_of_pool_max)
            return fail(errc::invalid, "pool \"" + each.name + "\" has more than " +
                                           std::to_string(limits::servers_of_pool_max) +
                                           " servers");
        const pool_id id = pool_id_of(each.name);
        if (const auto* other = holder(pools_, id)) return collide(other->name(), each.name);
        if (auto added = pools.add(id, each.name); !added) return added;
        for (const auto& one : each.servers) {
            if (auto fine = check_server(one); !fine) return fine;
            const server_id server = server_id_of(each.name, one.name);
            const auto name = each.name + "/" + one.name;
            if (const auto* other = holder(homes_, server))
                return collide(other->name() + "/" + other->find(server)->name(), name);
            if (auto added = servers.add(server, name); !added) return added;
        }
    }
    return {};
}

std::shared_ptr<const snapshot> fleet::apply(const change& wanted) {
    ensure(check(wanted).has_value(), "what is impossible was reported and not applied");
    auto next = std::make_shared<snapshot>(*current_);
    next->number = current_->number + 1;
    auto& pools = next->pools;
    for (const auto& name : wanted.gone) {
        const auto at = std::ranges::lower_bound(pools, name, {}, &pool::name);
        if (at == pools.end() || (*at)->name() != name) continue;
        forget(**at);
        pools.erase(at);
    }
    for (const auto& each : wanted.pools) {
        auto at = std::ranges::lower_bound(pools, each.name, {}, &pool::name);
        const bool is_new = at == pools.end() || (*at)->name() != each.name;
        if (is_new) at = pools.insert(at, nullptr);
        auto made = next_pool(*at, each);
        if (made == *at) continue;
        if (!is_new) forget(**at);
        note(*made);
        *at = std::move(made);
    }
    current_ = std::move(next);
    return current_;
}

std::shared_ptr<const snapshot> fleet::change_to(std::span<const pool_description> described) {
    change wanted{.pools = {described.begin(), described.end()}};
    std::set<std::string_view> stays;
    for (const auto& each : described) stays.insert(each.name);
    for (const auto& each : current_->pools)
        if (!stays.contains(each->name())) wanted.gone.push_back(each->name());
    return apply(wanted);
}

void fleet::note(const pool& one) {
    pools_[one.id()] = &one;
    for (const auto& each : one.servers()) homes_[each->id()] = &one;
}

void fleet::forget(const pool& one) {
    pools_.erase(one.id());
    for (const auto& each : one.servers()) homes_.erase(each->id());
}

std::shared_ptr<const pool> fleet::next_pool(const std::shared_ptr<const pool>& before,
                                             const pool_description& described) {
    std::vector<std::shared_ptr<server>> servers;
    for (const auto& one : described.servers) {
        auto next = next_server(before.get(), described.name, one);
        if (!described.settings.lets_in_again()) next->health.bring_back({}, false);
        const auto behind = std::ranges::upper_bound(servers, next->priority(), {}, priority_of);
        servers.insert(behind, std::move(next));
    }
    if (before != nullptr && is_unchanged(*before, described.settings, servers)) return before;
    return std::make_shared<const pool>(described.name, described.settings, std::move(servers),
                                        before != nullptr ? before->share_crowd() : nullptr);
}

std::shared_ptr<server> fleet::next_server(const pool* before, const std::string& pool_name,
                                           const server_description& described) {
    std::shared_ptr<server> known;
    if (before != nullptr) {
        const auto at = std::ranges::find(before->servers(), described.name, &server::name);
        if (at != before->servers().end()) known = *at;
    }
    if (known && known->address() == described.address && known->approach() == described.approach) {
        known->set_weight(described.weight);
        known->weights.count_in_hundredths(described.reports_weight ||
                                           described.slow_start.is_on());
        known->warming.set(described.slow_start);
        known->set_state(described.state);
        known->set_priority(described.priority);
        known->places.set_maximum(described.connections_max);
        known->sessions.set_maximum(described.sessions_max);
        return known;
    }
    auto made = std::make_shared<server>(pool_name, described, workers_, serials_++);
    // The servers of a pool that is new are all as cold as one another.
    if (before != nullptr) made->begin_slowly();
    return made;
}

}  // namespace hawser::upstream
