// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "health/check.h"

namespace hawser::health {

/// Fit is whoever takes a connection, and the PROXY header where one is announced.
class tcp_check final : public check {
  public:
    static constexpr std::string_view name = "tcp";
    static constexpr std::string_view summary = "Takes connections.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    explicit tcp_check(const settings&) {}

    [[nodiscard]] task<outcome> run(visit at) const override;
};

}  // namespace hawser::health
