// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "balance/balancer.h"
#include "config/kinds.h"

namespace hawser::balance {

/// Every balancer that the configuration can name, the default one first; listed in kinds.cc.
extern const config::kind_table<balancer, worker_seed> kinds;

/// `balance` of a pool: `choice().make(seed)` is the balancer of one worker.
using choice = config::choice<kinds>;

}  // namespace hawser::balance
