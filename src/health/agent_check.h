// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "health/check.h"

namespace hawser::health {

/// Asks a server's agent: a port on which it says in one line how it is (agent_report.h).
///
/// No kind of check, but asked as one: an agent that does not answer says nothing about the server.
class agent_check final : public check {
  public:
    /// `says`: what it is told first, with a line's end; empty: nothing.
    explicit agent_check(std::string says) : says_(std::move(says)) {}

    [[nodiscard]] task<outcome> run(visit at) const override;

  private:
    std::string says_;
};

}  // namespace hawser::health
