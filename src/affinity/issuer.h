// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "affinity/session_key.h"
#include "base/ids.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "crypto/sealer.h"
#include "crypto/siphash.h"

namespace hawser::affinity {

/// What a worker issues marks with, shared by the affinities of all its pools: a sealer, random
/// session ids, and the secret from which session keys are hashed.
///
/// One a worker and key ring: made anew, with the affinities, when the ring has changed.
class issuer {
  public:
    explicit issuer(const crypto::key_ring& ring);

    [[nodiscard]] crypto::sealer& sealer() { return sealer_; }

    /// An id that no session has had, from a stock of random bytes.
    [[nodiscard]] session_id fresh_session();

    /// The registry's key of a session id, the same on every node and for as long as the ring
    /// keeps its index secret. `scope` is the application's or the pool's (see `scope_of`).
    [[nodiscard]] session_key key_of(std::uint64_t scope, const session_id& session) const;

    /// The same of a text by which somebody else names the session: at most
    /// `limits::bearer_token_max` bytes.
    [[nodiscard]] session_key key_of(std::uint64_t scope, std::string_view text) const;

    /// 16 bits of what a client is like in one respect, the same on every node.
    [[nodiscard]] std::uint16_t trait_mark(std::uint8_t which, std::string_view what) const;

    /// 16 bits by which a token tells, in clear, whether it is of this pool.
    [[nodiscard]] std::uint16_t mark_of(pool_id pool) const;

  private:
    crypto::sealer sealer_;
    crypto::random_stock random_;
    crypto::siphash_key keys_;
    crypto::siphash_key marks_;
    crypto::siphash_key traits_;
};

/// Where session ids have a meaning: in the application, if the pool names one that it shares with
/// others, else in the pool alone.
[[nodiscard]] std::uint64_t scope_of(std::string_view application, pool_id pool);

}  // namespace hawser::affinity
