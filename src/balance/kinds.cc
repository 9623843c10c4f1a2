// SPDX-License-Identifier: Apache-2.0
#include "balance/kinds.h"

#include "balance/first_available.h"
#include "balance/least_connections.h"
#include "balance/least_response_time.h"
#include "balance/least_sessions.h"
#include "balance/maglev.h"
#include "balance/random.h"
#include "balance/rendezvous.h"
#include "balance/ring.h"
#include "balance/round_robin.h"
#include "balance/source_ip.h"
#include "balance/uri.h"

namespace hawser::balance {

/// Adding one: its include above, its type here.
constexpr config::kind_table<balancer, worker_seed> kinds =
    config::kinds_of<balancer, worker_seed>::list<
        least_connections, first_available, least_response_time, least_sessions, maglev, random,
        rendezvous, ring, round_robin, source_ip, uri>();

}  // namespace hawser::balance
