// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/kinds.h"
#include "discovery/discovery.h"

namespace hawser::discovery {

/// Every way to find servers that the configuration can name; listed in kinds.cc.
extern const config::kind_table<discovery, const surroundings&> kinds;

/// `discover` of a pool.
using choice = config::choice<kinds>;

}  // namespace hawser::discovery
