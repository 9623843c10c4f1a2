// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "affinity/session_key.h"
#include "base/limits.h"
#include "clients/rate_limiter.h"
#include "http/message.h"
#include "io/ip_address.h"
#include "observe/counters.h"

namespace hawser::proxy {

/// What tells apart those who have a bucket each.
enum class limit_key : std::uint8_t {
    client_address,  ///< of IPv6 the /64 (E135)
    session,
    header,  ///< a field's value
};

/// How often requests may come, by key: one rate limit of a listener or a route, shared by all
/// workers.
///
/// A request that has no such key, no session yet or no such field, is counted by its client's
/// address: leaving a key out is no way around a limit.
class request_limit {
  public:
    struct settings {
        limit_key by = limit_key::client_address;
        std::string field = {};  ///< with `limit_key::header`
        clients::rate allowed = {};
        std::size_t keys = limits::rate_limit_keys;
    };

    request_limit(settings given, const crypto::siphash_key& secret,
                  observe::counters::limit_row counted);

    /// By what a request may be counted.
    struct asking {
        const io::ip_address& client;
        const http::request_head& head;
        const affinity::session_key* session;  ///< null: none yet
    };
    /// Takes a token. Zero: the request may go on; else how long until it might, and it is counted
    /// as refused by `worker`.
    [[nodiscard]] std::chrono::nanoseconds take(const asking& who, steady_time now,
                                                unsigned worker) noexcept;

  private:
    settings settings_;
    crypto::siphash_key secret_;
    clients::rate_limiter buckets_;
    observe::counters::limit_row counted_;
};

/// All of a listener, or of a route.
using request_limits = std::vector<std::shared_ptr<request_limit>>;

}  // namespace hawser::proxy
