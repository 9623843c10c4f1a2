// SPDX-License-Identifier: Apache-2.0
#include "proxy/placement.h"

#include <algorithm>
#include <string>

#include "balance/rendezvous.h"
#include "base/hash.h"
#include "clients/network.h"
#include "proxy/home_policy.h"

namespace hawser::proxy {

using affinity::cause;

namespace {

/// The same in every process.
std::uint64_t hash_of(const session_id& session) {
    return stable_hash({reinterpret_cast<const char*>(session.bytes.data()), session.bytes.size()});
}

bool prefers_successor(const session_case& one) {
    return when_home_is_down(one).then == upstream::home_down::successor;
}

/// In another process, at the same time: the key is the client's own.
bool may_begin_elsewhere(const session_case& one) {
    return one.is_shared && one.found.why == cause::unknown_key;
}

upstream::server& by_hash(std::uint64_t hash, balance::candidates usable) {
    return balance::highest_bid(hash, usable, {{}, usable});
}

}  // namespace

openings openings_for(const session_case& one, std::vector<upstream::server*>& scratch) {
    const upstream::pool& servers = one.servers;
    const auto& releases = servers.settings().releases;
    // Trials are for newcomers: a session that has lost its home would lose another one, and its
    // requests that come at the same time would go elsewhere meanwhile.
    upstream::attempt asked{.now = one.now,
                            .tried = one.tried,
                            .is_repeatable = one.is_repeatable && !one.has_home(),
                            .only_looks = one.is_supposed};
    if (releases.empty()) return {servers.candidates(asked, scratch)};
    const auto* const bound = servers.release_of(one.session.home.home);
    if (bound != nullptr && servers.is_alive(*bound, one.tried)) {
        asked.of = bound;
        return {servers.candidates(asked, scratch), bound};
    }
    const auto* const due = servers.release_for(key_hash(one, 1));
    asked.of = due;
    if (due == nullptr) return {};
    auto usable = servers.candidates(asked, scratch);
    for (auto next = releases.begin(); usable.empty() && next != releases.end(); ++next) {
        if (next->weight == 0) continue;
        asked.of = &*next;
        usable = servers.candidates(asked, scratch);
    }
    return {usable, usable.empty() ? due : asked.of};
}

upstream::server* advised_choice(const session_case& one, balance::candidates usable) {
    if (!one.is_kept || one.has_home()) return nullptr;
    const auto advised = std::ranges::find(usable, one.servers.find(one.found.advised));
    return advised != usable.end() ? *advised : nullptr;
}

upstream::server* settled_choice(const session_case& one, balance::candidates usable) {
    if (!one.is_kept) return nullptr;
    if (upstream::server* const advised = advised_choice(one, usable)) return advised;
    // Whoever begins or moves while two processes serve, goes to the same server in both.
    if (!one.has_home()) {
        const bool is_agreed = one.servers.settings().agrees || may_begin_elsewhere(one);
        return is_agreed ? &by_hash(key_hash(one, 0), usable) : nullptr;
    }
    if (one.is_shared) return &by_hash(hash_of(one.session.home.session), usable);
    return prefers_successor(one) ? &by_hash(key_hash(one, 0), usable) : nullptr;
}

std::uint64_t key_hash(const session_case& one, std::size_t half) {
    const bool begins = one.session.home.home == no_server_id;
    if (begins && one.client != nullptr) return (*one.client)[half];
    return one.found.key.empty() ? hash_of(one.session.home.session) : one.found.key.hash[half];
}

named_successors::named_successors(const session_case& one)
    : one_(one),
      after_(one.session.home.home),
      steps_(one.is_kept && prefers_successor(one) ? one.servers.servers().size() : 0) {}

upstream::server* named_successors::next() {
    for (; steps_ > 0; --steps_) {
        upstream::server* const next = one_.servers.successor_of(after_);
        if (next == nullptr || next->id() == one_.session.home.home) break;
        after_ = next->id();
        if (one_.has_tried(*next) || !next->is_usable_for_new()) continue;
        --steps_;
        return next;
    }
    steps_ = 0;
    return nullptr;
}

balance::candidates takers_from(const session_case& one, const upstream::server& home,
                                std::vector<upstream::server*>& scratch) {
    if (one.so_far != affinity::verdict::none || !home.balance.lets_go(one.session.before))
        return {};
    if (one.is_shared) return {};  // it can wait until one process serves
    const auto* const bound = one.servers.release_of(home.id());
    scratch.clear();
    for (const auto& each : one.servers.servers()) {
        if (bound != nullptr && !bound->has(each->id())) continue;
        if (each->balance.lacks() && each->is_usable_for_new()) scratch.push_back(each.get());
    }
    return scratch;
}

bool may_have_companions(const affinity::finding& found, const registry::seen& session) {
    return session.home.home == no_server_id && found.why != cause::none &&
           found.why != cause::unknown_key;
}

upstream::first_claims::key companions_key(const affinity::chain& by,
                                           const upstream::first_claim_rule& rule,
                                           const io::ip_address& client,
                                           const http::request_head& head) {
    std::string traits;
    if (rule.by_address) {
        const auto from = clients::counted_as(client);
        traits.append(reinterpret_cast<const char*>(from.bytes().data()), from.bytes().size());
    }
    const http::field* const agent = head.fields.find(http::field_id::user_agent);
    if (rule.by_agent && agent != nullptr)
        traits.append(agent->value.substr(0, limits::session_value_max));
    return by.key_of_client(traits).hash;
}

}  // namespace hawser::proxy
