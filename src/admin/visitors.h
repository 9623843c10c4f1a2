// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "clients/rate_limiter.h"
#include "http/server.h"

namespace hawser::admin {

/// Where a request comes from: an address without its port, or whose process it is.
[[nodiscard]] std::string origin_of(const http::served_request& asked);

/// How often each of those who ask may do so, by where they come from.
class visitors {
  public:
    visitors();

    /// False: too often, for now.
    [[nodiscard]] bool may_ask(const http::served_request& asked, steady_time now);
    /// The same for whoever could not prove who they are: guessing tokens takes its time.
    [[nodiscard]] bool may_fail(const http::served_request& asked, steady_time now);

  private:
    clients::rate_limiter asking_;
    clients::rate_limiter failing_;
};

}  // namespace hawser::admin
