// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/limits.h"
#include "config/settings.h"
#include "proxy/request_limit.h"

namespace hawser::app {

/// `10/s`, `600/m`, `5/10s`: so many requests in so long a time.
struct request_rate {
    std::uint32_t requests = 1;
    std::chrono::milliseconds per = std::chrono::seconds(1);

    friend bool operator==(const request_rate&, const request_rate&) = default;
};

/// `client-address`, `session`, or `{header: NAME}`.
struct rate_key {
    proxy::limit_key by = proxy::limit_key::client_address;
    std::string header = {};

    /// As metrics show it: `client-address`, `session`, `header NAME`.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const rate_key&, const rate_key&) = default;
};

/// How often requests of one key may come to a listener or a route.
struct rate_limit {
    rate_key key;
    request_rate rate;
    std::optional<std::uint32_t> burst;
    std::size_t keys = limits::rate_limit_keys;

    static void describe(config::fields<rate_limit>& field);
    friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::request_rate> {
    static bool read(const node& given, app::request_rate& into, diagnostics& out);
    static node show(const app::request_rate& value);
    static shape type();
};

template <>
struct codec<app::rate_key> {
    static bool read(const node& given, app::rate_key& into, diagnostics& out);
    static node show(const app::rate_key& value);
    static shape type();
};

}  // namespace hawser::config
