// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "clients/rate_limiter.h"
#include "crypto/siphash.h"
#include "io/ip_address.h"

namespace hawser::proxy {

/// Watches for clients that try ids which a server would have had to give out first, to come upon
/// somebody else's session. One a pool, for all workers.
///
/// Whoever comes back after a restart that has forgotten its session shows one such id; whoever
/// shows many within a minute guesses. Told of in the log, once in a minute.
class guess_watch {
  public:
    struct settings {
        std::uint32_t per_minute = 0;
        bool refuses = false;
    };

    guess_watch(std::string pool, settings given, const crypto::siphash_key& secret);

    /// `client` has shown an id that nobody knows. Zero: as anybody may; else how long until it
    /// would be that again.
    [[nodiscard]] std::chrono::nanoseconds note(const io::ip_address& client, steady_time now);

    [[nodiscard]] bool refuses() const noexcept { return settings_.refuses; }

  private:
    void warn(const io::ip_address& source, steady_time now);

    std::string pool_;
    settings settings_;
    clients::rate_limiter sources_;
    std::atomic<steady_time::rep> quiet_until_{0};
};

}  // namespace hawser::proxy
