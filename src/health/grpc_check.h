// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "health/check.h"
#include "http/client.h"

namespace hawser::health {

/// Fit is whoever says SERVING by gRPC's health protocol (grpc.health.v1.Health/Check). Only in
/// pools whose servers speak HTTP/2.
class grpc_check final : public check {
  public:
    static constexpr std::string_view name = "grpc";
    static constexpr std::string_view summary = "Says SERVING by gRPC's health protocol.";
    struct settings {
        std::string service;  ///< empty: the server as a whole

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    explicit grpc_check(settings given) : settings_(std::move(given)) {}

    [[nodiscard]] task<outcome> run(visit at) const override;

  private:
    [[nodiscard]] static outcome judge(const http::client_answer& told);

    settings settings_;
};

}  // namespace hawser::health
