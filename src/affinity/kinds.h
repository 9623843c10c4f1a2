// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "config/kinds.h"

namespace hawser::affinity {

/// Every affinity that the configuration can name; made from its settings and a context.
extern const config::kind_table<affinity, const context&> kinds;

/// A pool's setting: which affinity, with its settings.
using choice = config::choice<kinds>;

}  // namespace hawser::affinity
