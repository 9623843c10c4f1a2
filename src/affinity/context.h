// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "affinity/issuer.h"
#include "base/hash.h"

namespace hawser::affinity {

/// What an affinity is made for, besides its settings.
struct context {
    std::string pool;              ///< its name
    std::string application = {};  ///< empty: the pool shares its sessions with none
    bool tls = false;              ///< the listeners that it serves speak TLS
    std::shared_ptr<issuer> with;  ///< the worker's own

    /// Where its session ids have a meaning.
    [[nodiscard]] std::uint64_t scope() const { return scope_of(application, pool_id_of(pool)); }
};

}  // namespace hawser::affinity
