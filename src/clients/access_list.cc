// SPDX-License-Identifier: Apache-2.0
#include "clients/access_list.h"

namespace hawser::clients {

access_list::access_list(std::span<const network> allowed, std::span<const network> denied)
    : allows_by_name_(!allowed.empty()) {
    std::vector<network_table::entry> entries;
    entries.reserve(allowed.size() + denied.size());
    for (const network& each : allowed) entries.push_back({each, allow});
    for (const network& each : denied) entries.push_back({each, deny});
    table_ = network_table(std::move(entries));
}

}  // namespace hawser::clients
