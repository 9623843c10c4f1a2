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

/// An application, by its token.
struct caller {
    std::size_t tenancy = 0;  ///< which of the setup's
    std::string who;          ///< as the configuration calls it; empty: nobody has to say
};

/// What doors serve by: immutable, replaced as a whole by a reload.
struct setup {
    std::vector<api::tenancy> tenancies;
    std::map<std::array<std::uint8_t, 32>, caller> tokens;  ///< SHA-256, and whose it is
    std::optional<std::size_t> open_to;  ///< the tenancy of those who need not say who they are
    std::shared_ptr<const tls::server_context> tls;  ///< null: in clear
};

}  // namespace hawser::sessions::api
