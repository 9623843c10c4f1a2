// SPDX-License-Identifier: Apache-2.0
#include "admin/visitors.h"

#include <cstdint>
#include <span>

#include "base/limits.h"
#include "crypto/siphash.h"

namespace hawser::admin {

namespace {

bool take(clients::rate_limiter& from, const http::served_request& asked, steady_time now) {
    const auto origin = origin_of(asked);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(origin.data());
    return from.take(std::span(bytes, origin.size()), now) == std::chrono::nanoseconds(0);
}

}  // namespace

std::string origin_of(const http::served_request& asked) {
    if (asked.user) return "uid " + std::to_string(*asked.user);
    return asked.peer.ip().is_none() ? std::string("unix") : asked.peer.ip().text();
}

visitors::visitors()
    : asking_({.requests = limits::admin_requests_max,
               .per = std::chrono::seconds(1),
               .burst = limits::admin_requests_burst},
              limits::admin_peers_max, crypto::drawn_key()),
      failing_({.requests = limits::admin_failures_max,
                .per = std::chrono::seconds(1),
                .burst = limits::admin_failures_burst},
               limits::admin_peers_max, crypto::drawn_key()) {}

bool visitors::may_ask(const http::served_request& asked, steady_time now) {
    return take(asking_, asked, now);
}

bool visitors::may_fail(const http::served_request& asked, steady_time now) {
    return take(failing_, asked, now);
}

}  // namespace hawser::admin
