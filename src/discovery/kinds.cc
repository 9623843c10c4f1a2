// SPDX-License-Identifier: Apache-2.0
#include "discovery/kinds.h"

#include "discovery/dns.h"
#include "discovery/file.h"

namespace hawser::discovery {

/// Adding one: its include above, its type here.
constexpr config::kind_table<discovery, const surroundings&> kinds =
    config::kinds_of<discovery, const surroundings&>::list<dns, file>();

}  // namespace hawser::discovery
