// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace hawser {

/// XXH3 of `bytes`: fast and stable across nodes and versions; not for keys that a client chooses.
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0) noexcept;

/// The id of the pool called `name`; two names that collide are a configuration error.
[[nodiscard]] pool_id pool_id_of(std::string_view name) noexcept;

/// The id of server `name` of pool `pool`; two that collide are a configuration error.
[[nodiscard]] server_id server_id_of(std::string_view pool, std::string_view name) noexcept;

}  // namespace hawser
