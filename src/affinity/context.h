// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "affinity/issuer.h"

namespace hawser::affinity {

/// What an affinity is made for, besides its settings.
struct context {
    std::string pool;              ///< its name
    std::string application = {};  ///< empty: the pool shares its sessions with none
    bool tls = false;              ///< the listeners that it serves speak TLS
    std::shared_ptr<issuer> with;  ///< the worker's own
};

}  // namespace hawser::affinity
