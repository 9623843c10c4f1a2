// SPDX-License-Identifier: Apache-2.0
// How a request finds a server for a session that has no home, or has left it.

#include <algorithm>

#include "proxy/exchange.h"
#include "proxy/placement.h"

namespace hawser::proxy {

/// By what is settled for the session; else by the balancer. One that begins goes where other first
/// requests of its client have just gone.
upstream::server& exchange::first_choice(balance::candidates usable) {
    const session_case present = present_case();
    upstream::server* const settled = settled_choice(present, usable);
    upstream::server& own = settled != nullptr ? *settled : balanced(usable);
    const bool may_join = present.is_kept && present.client != nullptr && !present.has_home() &&
                          advised_choice(present, usable) == nullptr;
    return may_join ? joint_choice(own, usable) : own;
}

upstream::server& exchange::balanced(balance::candidates usable) {
    return pool_->tools->balancer->pick({.hash = hash_, .now = station_.now().steady}, usable);
}

upstream::server& exchange::joint_choice(upstream::server& own, balance::candidates usable) {
    const upstream::pool& servers = *pool_->setup->servers;
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

/// A client that shows no key yet may have sent several requests at once; one that shows its key
/// for the first time keeps no other.
void exchange::look_for_companions(const http::request_head& head) {
    if (affinity_ == nullptr) return;
    const upstream::pool& servers = *pool_->setup->servers;
    const bool begins = may_have_companions(found_, session_);
    if (!begins && !session_.first_return) return;
    const auto client =
        companions_key(*affinity_, servers.settings().first_claim, asks_.address, head);
    if (begins) {
        its_stake().client = client;
        return;
    }
    for (const auto& other : servers.crowd().firsts->settle(client, found_.key.hash))
        station_.sessions.supersede(servers.id(), {other}, station_.now().steady);
}

/// The one who is named to stand in for its home, or for that one in turn, with a place there;
/// null: none of them can have it.
upstream::server* exchange::named_successor() {
    const session_case present = present_case();
    named_successors line(present);
    upstream::server* next = line.next();
    while (next != nullptr && !next->places.take(place_)) next = line.next();
    return next;
}

/// With a place, before the session is bound there.
upstream::server* exchange::pick_candidate() {
    if (upstream::server* const named = named_successor()) return named;
    for (int race = 0; race < races_max; ++race) {
        const auto [usable, of] = openings_for(present_case(), pool_->tools->candidates);
        release_ = of;
        if (usable.empty()) return nullptr;
        upstream::server& picked = first_choice(usable);
        if (picked.places.take(place_)) return &picked;
    }
    return nullptr;
}

/// A server that lacks sessions, where the home has too many and this one may move; null: it stays.
upstream::server* exchange::lighter_than(upstream::server& home) {
    const auto usable = takers_from(present_case(), home, pool_->tools->candidates);
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
