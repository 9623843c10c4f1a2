// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessions/name_space.h"
#include "tls/server_context.h"

namespace hawser::sessions::api {

/// A namespace as the door serves it.
struct tenancy {
    std::shared_ptr<name_space> in;
    std::shared_ptr<const terms> by;
    std::string prefix;  ///< of the names that its sessions have: `sess:` and the id
};

/// What doors serve by: immutable, replaced as a whole by a reload.
struct setup {
    std::vector<api::tenancy> tenancies;
    std::map<std::array<std::uint8_t, 32>, std::size_t> tokens;  ///< SHA-256, and whose it is
    std::optional<std::size_t> open_to;  ///< the tenancy of those who need not say who they are
    std::shared_ptr<const tls::server_context> tls;  ///< null: in clear
};

}  // namespace hawser::sessions::api
