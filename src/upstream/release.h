// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace hawser::upstream {

/// Servers of a pool that run the same version of its application. A session that has begun with
/// one stays with it, on whichever of its servers.
struct release {
    std::string name;
    std::uint32_t weight = 1;        ///< its share of new sessions; 0: none
    std::vector<server_id> servers;  ///< sorted

    [[nodiscard]] bool has(server_id one) const noexcept {
        return std::ranges::binary_search(servers, one);
    }

    friend bool operator==(const release&, const release&) = default;
};

}  // namespace hawser::upstream
