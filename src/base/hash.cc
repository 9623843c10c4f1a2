// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <xxhash.h>

#include <string>

namespace hawser {

namespace {

/// 0 means "none" in bindings, so no name may hash to it.
std::uint64_t never_zero(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }

}  // namespace

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

pool_id pool_id_of(std::string_view name) noexcept {
    return pool_id{never_zero(stable_hash(name))};
}

server_id server_id_of(std::string_view pool, std::string_view name) noexcept {
    return server_id{never_zero(stable_hash(name, stable_hash(pool)))};
}

}  // namespace hawser
