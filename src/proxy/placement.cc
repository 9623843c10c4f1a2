// SPDX-License-Identifier: Apache-2.0
// Which server a session goes to that has no home, or has left it.

#include <algorithm>

#include "balance/rendezvous.h"
#include "base/hash.h"
#include "clients/network.h"
#include "proxy/exchange.h"

namespace hawser::proxy {

using affinity::cause;
using affinity::verdict;

namespace {

/// The same in every process.
std::uint64_t hash_of(const session_id& session) {
    return stable_hash({reinterpret_cast<const char*>(session.bytes.data()), session.bytes.size()});
}

}  // namespace

/// One that has left its home goes where the balancer says, or its pool's order of successors.
/// Whoever moves while two processes serve, moves to the same server in both.
upstream::server& exchange::first_choice(balance::candidates usable) {
    if (affinity_ == nullptr) return balanced(usable);
    if (!had_home()) return newcomers_choice(usable);
    if (station_.sessions.is_shared())
        return balance::highest_bid(hash_of(session_.home.session), usable, {{}, usable});
    if (prefers_successor()) return balance::highest_bid(key_hash(0), usable, {{}, usable});
    return balanced(usable);
}

upstream::server& exchange::balanced(balance::candidates usable) {
    return pool_->tools->balancer->pick({.hash = hash_, .now = station_.now().steady}, usable);
}

/// One that begins goes where others of its crowd live, or where other first requests of its client
/// have just gone; else by its key, where nodes are to choose alike, or by the balancer.
upstream::server& exchange::newcomers_choice(balance::candidates usable) {
    const upstream::pool& servers = *pool_->setup->servers;
    const auto advised = std::ranges::find(usable, servers.find(found_.advised));
    if (advised != usable.end()) return **advised;
    upstream::server& own = servers.settings().agrees
                                ? balance::highest_bid(key_hash(0), usable, {{}, usable})
                                : balanced(usable);
    if (!stake_ || !stake_->client) return own;
    auto& firsts = *servers.crowd().firsts;
    const auto lasting = servers.settings().first_claim.lasting;
    const upstream::first_claims::claimant who{.client = *stake_->client,
                                               .session = found_.key.hash};
    const server_id agreed = firsts.claim(who, own.id(), lasting, station_.now().steady);
    const auto joint = std::ranges::find(usable, servers.find(agreed));
    if (joint != usable.end()) return **joint;
    firsts.replace(who, agreed, own.id());
    return own;
}

/// Half of a hash of what the session is known by, the same on all nodes if that is.
std::uint64_t exchange::key_hash(std::size_t half) const {
    const bool begins = session_.home.home == no_server_id;
    if (begins && stake_ && stake_->client) return (*stake_->client)[half];
    return found_.key.empty() ? hash_of(session_.home.session) : found_.key.hash[half];
}

/// A client that shows no key yet may have sent several requests at once; one that shows its key
/// for the first time keeps no other.
void exchange::look_for_companions(const http::request_head& head) {
    const auto& rule = pool_->setup->servers->settings().first_claim;
    if (affinity_ == nullptr) return;
    const bool begins = session_.home.home == no_server_id && found_.why != cause::none &&
                        found_.why != cause::unknown_key;
    if (!begins && !session_.first_return) return;
    std::string traits;
    if (rule.by_address) {
        const auto from = clients::counted_as(asks_.address);
        traits.append(reinterpret_cast<const char*>(from.bytes().data()), from.bytes().size());
    }
    const http::field* const agent = head.fields.find(http::field_id::user_agent);
    if (rule.by_agent && agent != nullptr)
        traits.append(agent->value.substr(0, limits::session_value_max));
    const auto client = affinity_->key_of_client(traits).hash;
    if (begins) {
        its_stake().client = client;
        return;
    }
    const pool_id pool = pool_->setup->servers->id();
    for (const auto& other : pool_->setup->servers->crowd().firsts->settle(client, found_.key.hash))
        station_.sessions.supersede(pool, {other}, station_.now().steady);
}

/// The servers that may have the session: of its release, as long as one of that is left; else of
/// the release that its share of new sessions falls to, or of the next one.
balance::candidates exchange::candidates() {
    const upstream::pool& servers = *pool_->setup->servers;
    const auto& releases = servers.settings().releases;
    // Trials are for newcomers: a session that has lost its home would lose another one, and its
    // requests that come at the same time would go elsewhere meanwhile.
    upstream::attempt asked{.now = station_.now().steady,
                            .tried = tried_,
                            .is_repeatable = asked_.is_repeatable && !had_home()};
    if (releases.empty()) return servers.candidates(asked, pool_->tools->candidates);
    const auto* const bound = servers.release_of(session_.home.home);
    if (bound != nullptr && servers.is_alive(*bound, tried_)) {
        asked.of = release_ = bound;
        return servers.candidates(asked, pool_->tools->candidates);
    }
    asked.of = release_ = servers.release_for(key_hash(1));
    if (asked.of == nullptr) return {};
    auto usable = servers.candidates(asked, pool_->tools->candidates);
    for (auto next = releases.begin(); usable.empty() && next != releases.end(); ++next) {
        if (next->weight == 0) continue;
        asked.of = &*next;
        usable = servers.candidates(asked, pool_->tools->candidates);
    }
    return usable;
}

bool exchange::prefers_successor() const {
    return when_home_is_down().then == upstream::home_down::successor;
}

/// The one who is named to stand in for its home, or for that one in turn, with a place there;
/// null: none of them can have it.
upstream::server* exchange::named_successor() {
    const upstream::pool& servers = *pool_->setup->servers;
    if (affinity_ == nullptr || !prefers_successor()) return nullptr;
    server_id after = session_.home.home;
    for (std::size_t steps = servers.servers().size(); steps > 0; --steps) {
        upstream::server* const next = servers.successor_of(after);
        if (next == nullptr || next->id() == session_.home.home) return nullptr;
        const bool was_tried = std::ranges::find(tried_, next) != tried_.end();
        if (!was_tried && next->is_usable_for_new() && next->places.take(place_)) return next;
        after = next->id();
    }
    return nullptr;
}

/// With a place, before the session is bound there.
upstream::server* exchange::pick_candidate() {
    if (upstream::server* const named = named_successor()) return named;
    for (int race = 0; race < races_max; ++race) {
        const auto usable = candidates();
        if (usable.empty()) return nullptr;
        upstream::server& picked = first_choice(usable);
        if (picked.places.take(place_)) return &picked;
    }
    return nullptr;
}

/// A server that lacks sessions, where the home has too many and this one may move; null: it stays.
upstream::server* exchange::lighter_than(upstream::server& home) {
    if (verdict_ != verdict::none || !home.balance.lets_go(session_.before)) return nullptr;
    if (station_.sessions.is_shared()) return nullptr;  // it can wait until one process serves
    auto& usable = pool_->tools->candidates;
    usable.clear();
    for (const auto& each : pool_->setup->servers->servers())
        if (each->balance.lacks() && each->is_usable_for_new()) usable.push_back(each.get());
    if (usable.empty() || !home.balance.take_one()) return nullptr;
    auto& picked = balanced(usable);
    return reserve_session(picked) ? &picked : nullptr;
}

/// There is room for one more session; nobody else may have it then.
bool exchange::reserve_session(upstream::server& at) const {
    return session_.home.home == at.id() || !counts_sessions(at) || at.sessions.take();
}

bool exchange::counts_sessions(const upstream::server& at) const {
    return pool_->tools->needs.sessions || at.sessions.maximum() != 0;
}

}  // namespace hawser::proxy
