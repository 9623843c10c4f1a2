// SPDX-License-Identifier: Apache-2.0
#include "proxy/guess_watch.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "clients/network.h"
#include "observe/log.h"

namespace hawser::proxy {

namespace {

constexpr auto window = std::chrono::minutes(1);

}  // namespace

guess_watch::guess_watch(std::string pool, settings given, const crypto::siphash_key& secret)
    : pool_(std::move(pool)),
      settings_(given),
      sources_({.requests = given.per_minute, .per = window, .burst = given.per_minute},
               limits::guess_sources, secret) {}

std::chrono::nanoseconds guess_watch::note(const io::ip_address& client, steady_time now) {
    const auto source = clients::counted_as(client);
    const auto wait = sources_.take(source.bytes(), now);
    if (wait.count() != 0) warn(source, now);
    return wait;
}

void guess_watch::warn(const io::ip_address& source, steady_time now) {
    auto until = quiet_until_.load(std::memory_order_relaxed);
    const auto next = (now + window).time_since_epoch().count();
    if (now.time_since_epoch().count() < until) return;
    if (!quiet_until_.compare_exchange_strong(until, next, std::memory_order_relaxed)) return;
    observe::log(observe::level::warn,
                 fmt::format("pool {}: {} shows more than {} session ids a minute that nobody "
                             "knows, as whoever guesses them does{}",
                             pool_, source.text(), settings_.per_minute,
                             settings_.refuses ? ": it is refused" : ""));
}

}  // namespace hawser::proxy
