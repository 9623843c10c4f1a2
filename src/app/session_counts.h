// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "registry/registry.h"
#include "upstream/pool.h"

namespace hawser::app {

/// Tells the servers of these pools how many sessions they are home of, and those who wait that
/// there may be room for one more.
void tell_session_counts(const std::vector<const upstream::pool*>& pools,
                         const registry::registry& sessions);

}  // namespace hawser::app
