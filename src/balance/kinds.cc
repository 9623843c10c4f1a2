// SPDX-License-Identifier: Apache-2.0
#include "balance/kinds.h"

#include "balance/first_available.h"
#include "balance/least_connections.h"
#include "balance/maglev.h"
#include "balance/random.h"
#include "balance/rendezvous.h"
#include "balance/ring.h"
#include "balance/round_robin.h"
#include "balance/source_ip.h"

namespace hawser::balance {

/// Adding one: its include above, its type here.
constexpr config::kind_table<balancer, worker_seed> kinds =
    config::kinds_of<balancer, worker_seed>::list<least_connections, first_available, maglev,
                                                  random, rendezvous, ring, round_robin,
                                                  source_ip>();

}  // namespace hawser::balance
