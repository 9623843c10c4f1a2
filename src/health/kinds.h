// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/kinds.h"
#include "health/check.h"

namespace hawser::health {

/// Every check that the configuration can name; listed in kinds.cc.
extern const config::kind_table<check> kinds;

/// The check of a pool: `choice().make()`.
using choice = config::choice<kinds>;

}  // namespace hawser::health
