// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "config/kinds.h"

namespace hawser::affinity {

/// Every affinity that the configuration can name; made from its settings and a context.
extern const config::kind_table<affinity, const context&> kinds;

/// Those of them that may be part of a composition: they only look at the request.
extern const config::kind_table<affinity, const context&> part_kinds;
using part_choice = config::choice<part_kinds>;

/// A pool's setting: which affinity, with its settings.
using choice = config::choice<kinds>;

}  // namespace hawser::affinity
