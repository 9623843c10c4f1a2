// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "affinity/chain.h"
#include "balance/balancer.h"
#include "http/message.h"
#include "proxy/session_case.h"

namespace hawser::proxy {

// Which server a session goes to that has no home, or has left it.

/// The servers that may have a session.
struct openings {
    balance::candidates usable;
    const upstream::release* of = nullptr;  ///< no other release will do; null: any
};

/// Of its release, as long as one of that is left; else of the release that its share of new
/// sessions falls to, or of the next one. Gathered in `scratch`.
[[nodiscard]] openings openings_for(const session_case& one,
                                    std::vector<upstream::server*>& scratch);

/// The one of `usable` that the session goes to whatever the balancer says: where others of its
/// crowd live, or by its key, where nodes are to choose alike or its pool has an order of
/// successors. Null: the balancer is asked.
[[nodiscard]] upstream::server* settled_choice(const session_case& one, balance::candidates usable);

/// Of a session that begins: others of its crowd live there.
[[nodiscard]] upstream::server* advised_choice(const session_case& one, balance::candidates usable);

/// Half of a hash of what the session is known by, the same on all nodes if that is.
[[nodiscard]] std::uint64_t key_hash(const session_case& one, std::size_t half);

/// Those who are named to stand in for a session's home, in turn.
class named_successors {
  public:
    explicit named_successors(const session_case& one);
    /// The next of them that may have the session; null: there is none.
    [[nodiscard]] upstream::server* next();

  private:
    const session_case& one_;
    server_id after_;
    std::size_t steps_;  ///< they may name each other in a circle
};

/// The servers of its release that lack sessions, where its home has too many and may give this one
/// away; empty: it stays. Gathered in `scratch`.
[[nodiscard]] balance::candidates takers_from(const session_case& one, const upstream::server& home,
                                              std::vector<upstream::server*>& scratch);

/// The request shows no key by which others of its client could be known.
[[nodiscard]] bool may_have_companions(const affinity::finding& found,
                                       const registry::seen& session);
/// What tells that first requests are one client's.
[[nodiscard]] upstream::first_claims::key companions_key(const affinity::chain& by,
                                                         const upstream::first_claim_rule& rule,
                                                         const io::ip_address& client,
                                                         const http::request_head& head);

}  // namespace hawser::proxy
