// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/limits.h"
#include "crypto/aes_gcm.h"
#include "crypto/key_ring.h"

namespace hawser::crypto {

using salt = std::array<std::uint8_t, 16>;

/// Ready contexts for the salts that this opener has seen verify, at most `subkeys_max`.
///
/// Only holders of the ring's keys can make a salt that verifies, so nobody else can fill this or
/// push anything out of it. Four places for each value of a salt's bits; the least lately used
/// goes.
class subkeys {
  public:
    /// The context of `which` and `with`, or nullptr if it has not verified, or not lately.
    [[nodiscard]] aes_gcm* find(key_id which, const salt& with);

    /// Keeps the context of a salt that has verified.
    void keep(key_id which, const salt& with, aes_gcm ready);

    [[nodiscard]] std::size_t size() const;

  private:
    struct place {
        salt with{};
        key_id which{};
        std::uint64_t used = 0;
        std::optional<aes_gcm> ready;
    };
    static constexpr std::size_t ways = 4;
    static constexpr std::size_t groups = limits::subkeys_max / ways;

    [[nodiscard]] std::span<place, ways> group_of(const salt& with);

    std::vector<place> places_{groups * ways};
    std::uint64_t turn_ = 0;
};

}  // namespace hawser::crypto
