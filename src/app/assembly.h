// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "affinity/issuer.h"
#include "app/certificates.h"
#include "app/configuration.h"
#include "app/rate_limits.h"
#include "base/result.h"
#include "config/node.h"
#include "crypto/key_ring.h"
#include "io/endpoint.h"
#include "observe/counters.h"
#include "proxy/snapshot.h"
#include "upstream/fleet.h"

namespace hawser::app {

/// What the workers issue marks with: one issuer each, made anew when the key ring changes.
class issuers {
  public:
    issuers(const crypto::key_ring& ring, std::size_t workers);

    [[nodiscard]] const std::shared_ptr<affinity::issuer>& of(unsigned worker) const {
        return all_[worker];
    }
    [[nodiscard]] std::uint64_t session_salt() const noexcept { return session_salt_; }
    /// Tells one set of issuers from another.
    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }

  private:
    std::vector<std::shared_ptr<affinity::issuer>> all_;
    std::uint64_t session_salt_ = 0;
    std::uint64_t serial_;
};

/// Addresses of servers that are names, as they are written, and what looking them up has found.
using known_addresses = std::map<std::string, io::endpoint, std::less<>>;

/// The configuration's pools with their servers' addresses; what is not `known` is looked up, and
/// known from then on. Fails, naming pool, server and their place in what was `written`, when a
/// name does not resolve.
[[nodiscard]] result<std::vector<upstream::pool_description>> describe_pools(
    const configuration& given, const config::node& written, known_addresses& known);

/// What the proxy serves by, from the configuration and the fleet's present snapshot.
[[nodiscard]] std::shared_ptr<proxy::snapshot> assemble(
    const configuration& given, const upstream::snapshot& fleet, const secured_terms& secured,
    observe::counters& counters, rate_limits& rates, std::shared_ptr<const issuers> marks);

}  // namespace hawser::app
