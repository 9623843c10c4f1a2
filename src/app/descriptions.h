// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "app/effective.h"
#include "base/result.h"
#include "config/node.h"
#include "io/endpoint.h"
#include "upstream/fleet.h"

namespace hawser::app {

/// Addresses of servers that are names, as looking them up has found them.
struct known_addresses {
    std::map<std::string, io::endpoint, std::less<>> found;  ///< by the name as it is written
    std::set<std::string, std::less<>> pools;                ///< that have such servers
};

/// The change that has these pools as `given` says. What is not `known` is looked up, and known
/// from then on. Fails, naming pool, server and their place in what was `written`, when a name does
/// not resolve, and on what no pool can be.
[[nodiscard]] result<upstream::fleet::change> describe_pools(const effective& given,
                                                             std::span<const std::string> pools,
                                                             const config::node& written,
                                                             known_addresses& known);

}  // namespace hawser::app
