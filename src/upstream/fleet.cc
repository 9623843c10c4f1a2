// SPDX-License-Identifier: Apache-2.0
#include "upstream/fleet.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::upstream {

namespace {

/// Who has an id, to tell a name used twice from two names whose hashes collide.
template <typename Id>
class ids_in_use {
  public:
    result<> add(Id id, const std::string& name) {
        const auto [at, is_new] = names_.emplace(id, name);
        if (is_new) return {};
        if (at->second == name) return fail(errc::invalid, "\"" + name + "\" is there twice");
        return fail(errc::invalid, "\"" + at->second + "\" and \"" + name +
                                       "\" have the same id by chance: rename one of them");
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

result<> fleet::check(std::span<const pool_description> described) {
    ids_in_use<pool_id> pools;
    ids_in_use<server_id> servers;
    for (const auto& each : described) {
        if (each.name.empty()) return fail(errc::invalid, "a pool needs a name");
        if (each.servers.size() > limits::servers_of_pool_max)
            return fail(errc::invalid, "pool \"" + each.name + "\" has more than " +
                                           std::to_string(limits::servers_of_pool_max) +
                                           " servers");
        if (auto added = pools.add(pool_id_of(each.name), each.name); !added) return added;
        for (const auto& one : each.servers) {
            if (auto fine = check_server(one); !fine) return fine;
            const server_id id = server_id_of(each.name, one.name);
            if (auto added = servers.add(id, each.name + "/" + one.name); !added) return added;
        }
    }
    return {};
}

std::shared_ptr<const snapshot> fleet::change_to(std::span<const pool_description> described) {
    ensure(check(described).has_value(), "what is impossible was reported and not applied");
    auto next = std::make_shared<snapshot>();
    next->number = current_->number + 1;
    for (const auto& each : described) next->pools.push_back(next_pool(each));
    current_ = std::move(next);
    return current_;
}

std::shared_ptr<const pool> fleet::next_pool(const pool_description& described) {
    const auto was = std::ranges::find(current_->pools, described.name, &pool::name);
    const pool* before = was != current_->pools.end() ? was->get() : nullptr;

    std::vector<std::shared_ptr<server>> servers;
    for (const auto& one : described.servers) {
        auto next = next_server(before, described.name, one);
        // Without the rules that took it out nobody would let it in again.
        if (!described.settings.passive.is_on) next->health.bring_back({}, false);
        const auto behind = std::ranges::upper_bound(servers, next->priority(), {}, priority_of);
        servers.insert(behind, std::move(next));
    }
    if (before != nullptr && is_unchanged(*before, described.settings, servers)) return *was;
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
