// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hawser::affinity {

/// What of a client tells it from others. Their numbers are those of the bits in a token.
enum class trait : std::uint8_t { network, user_agent, tls, listener };
inline constexpr std::size_t trait_count = 4;

/// A set of traits.
class trait_set {
  public:
    constexpr trait_set() = default;
    constexpr explicit trait_set(std::uint8_t bits) : bits_(bits) {}

    constexpr void add(trait one) { bits_ = static_cast<std::uint8_t>(bits_ | bit_of(one)); }
    [[nodiscard]] constexpr bool has(trait one) const { return (bits_ & bit_of(one)) != 0; }
    [[nodiscard]] constexpr bool has_all(trait_set others) const {
        return (bits_ & others.bits_) == others.bits_;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }

    friend constexpr bool operator==(const trait_set&, const trait_set&) = default;

  private:
    static constexpr std::uint8_t bit_of(trait one) {
        return static_cast<std::uint8_t>(1u << static_cast<unsigned>(one));
    }

    std::uint8_t bits_ = 0;
};

/// The words of a set for a server to read: `network, user-agent`.
[[nodiscard]] std::string_view words_of(trait_set which);

/// What a client was like when a mark was given to it: of each trait 16 bits of a keyed hash. They
/// travel sealed, so nobody can look for a client that is alike; one in 65,536 is by chance.
struct fingerprint {
    trait_set has;
    std::array<std::uint16_t, trait_count> of{};

    /// Traits that both have, and that differ.
    [[nodiscard]] trait_set differing_from(const fingerprint& other) const;

    friend constexpr bool operator==(const fingerprint&, const fingerprint&) = default;
};

/// What the client of a request is like, beside what it was like when it got its mark.
struct likeness {
    fingerprint now;
    fingerprint then = {};       ///< without a mark: nothing
    trait_set doubted = {};      ///< by which it is taken for another client
    bool is_outdated = false;    ///< its mark must tell what it is like now
    bool is_challenged = false;  ///< its server is told of the doubt
};

}  // namespace hawser::affinity
