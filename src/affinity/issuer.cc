// SPDX-License-Identifier: Apache-2.0
#include "affinity/issuer.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::affinity {

issuer::issuer(const crypto::key_ring& ring)
    : sealer_(ring, "hawser affinity token"),
      keys_(ring.index<16>("hawser session keys")),
      marks_(ring.index<16>("hawser pool marks")),
      traits_(ring.index<16>("hawser client traits")) {}

session_id issuer::fresh_session() {
    session_id made;
    random_.take(made.bytes);
    return made;
}

session_key issuer::key_of(std::uint64_t scope, const session_id& session) const {
    std::array<std::uint8_t, 24> hashed;
    put_big_endian(std::span(hashed).first<8>(), scope);
    std::ranges::copy(session.bytes, hashed.begin() + 8);
    return {crypto::siphash128(keys_, hashed)};
}

session_key issuer::key_of(std::uint64_t scope, std::string_view text) const {
    ensure(text.size() <= limits::bearer_token_max, "kinds refuse what is longer");
    std::array<std::uint8_t, 8 + limits::bearer_token_max> hashed;
    put_big_endian(std::span(hashed).first<8>(), scope);
    std::ranges::copy(text, hashed.begin() + 8);
    return {crypto::siphash128(keys_, std::span(hashed).first(8 + text.size()))};
}

std::uint16_t issuer::mark_of(pool_id pool) const {
    std::array<std::uint8_t, 8> hashed;
    put_big_endian(std::span(hashed), std::to_underlying(pool));
    return static_cast<std::uint16_t>(crypto::siphash128(marks_, hashed)[0]);
}

std::uint16_t issuer::trait_mark(std::uint8_t which, std::string_view what) const {
    ensure(what.size() <= limits::session_value_max, "whoever takes it has cut it");
    std::array<std::uint8_t, 1 + limits::session_value_max> hashed;
    hashed[0] = which;
    std::ranges::copy(what, hashed.begin() + 1);
    return static_cast<std::uint16_t>(
        crypto::siphash128(traits_, std::span(hashed).first(1 + what.size()))[0]);
}

std::uint64_t scope_of(std::string_view application, pool_id pool) {
    // Seeded, so that an application called like a pool is not that pool.
    constexpr std::uint64_t applications = 1;
    return application.empty() ? std::to_underlying(pool) : stable_hash(application, applications);
}

}  // namespace hawser::affinity
