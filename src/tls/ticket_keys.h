// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/key_ring.h"
#include "crypto/secret.h"

namespace hawser::tls {

/// What a session was agreed upon under; a ticket opens under the same only (E123).
using terms_digest = std::array<std::uint8_t, 32>;

/// The keys that session tickets are sealed with: derived from the key ring and the time, so that
/// all workers and nodes, before and after a reload, have the same ones without talking.
///
/// A key seals for `limits::ticket_key_time`; the ones of the two periods before still open.
class ticket_keys {
  public:
    /// Names a key in a ticket, in clear: the ring's key and the period. Says nothing of either.
    using name = std::array<std::uint8_t, 16>;

    struct key {
        crypto::secret<32> cipher;  ///< AES-256-CBC
        crypto::secret<32> mac;     ///< HMAC-SHA-256
    };

    /// The key that one worker used last: nearly all its handshakes use the same one.
    struct memo {
        std::uint64_t of = 0;  ///< which `ticket_keys` have derived it; 0: none
        name named{};
        terms_digest under{};
        key derived;
    };

    explicit ticket_keys(const crypto::key_ring& ring);

    [[nodiscard]] name sealing_at(wall_time now) const;
    /// The key of that name, in `last` until its next use; null where none opens any more.
    [[nodiscard]] const key* open(const name& named, const terms_digest& under, wall_time now,
                                  memo& last) const;

  private:
    struct root {
        crypto::key_id id{};
        wall_time seals_from;
        crypto::secret<32> secret;
    };

    std::uint64_t id_;         ///< no other has it, in this process
    std::vector<root> roots_;  // in the ring's order
};

}  // namespace hawser::tls
