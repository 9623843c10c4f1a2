// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "health/check.h"

namespace hawser::health {

/// Fit is whoever completes a handshake by the pool's own terms: its name, its authorities, our
/// certificate. Only in pools with `tls`.
class tls_check final : public check {
  public:
    static constexpr std::string_view name = "tls";
    static constexpr std::string_view summary = "Completes a TLS handshake, as the pool's `tls`.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    explicit tls_check(const settings&) {}

    [[nodiscard]] task<outcome> run(visit at) const override;
};

}  // namespace hawser::health
