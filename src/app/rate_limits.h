// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "crypto/siphash.h"
#include "observe/counters.h"
#include "proxy/request_limit.h"

namespace hawser::app {

/// The rate limits of the configurations that are served by, with their buckets.
///
/// A limit lives as long as a snapshot holds it. Each new snapshot asks for its own while the one
/// before still stands; so a limit that a reload leaves as it is goes on with its buckets.
class rate_limits {
  public:
    explicit rate_limits(observe::counters& counted);

    /// Null for none.
    [[nodiscard]] std::shared_ptr<const proxy::request_limits> of_listener(const std::string& name,
                                                                           const listener& given);
    [[nodiscard]] std::shared_ptr<const proxy::request_limits> of_route(const route& given);

  private:
    /// Whose they are: for metrics, and to find them again.
    struct owner {
        std::string listener;
        std::string route;
        std::string identity;
    };
    std::shared_ptr<const proxy::request_limits> find(const owner& whose,
                                                      const std::vector<rate_limit>& given);

    void forget_former();

    observe::counters& counted_;
    crypto::siphash_key secret_;
    std::map<std::string, std::weak_ptr<proxy::request_limit>> known_;
    std::size_t forget_at_ = 16;  ///< so many known
};

}  // namespace hawser::app
