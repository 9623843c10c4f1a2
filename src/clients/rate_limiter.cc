// SPDX-License-Identifier: Apache-2.0
#include "clients/rate_limiter.h"

#include <algorithm>
#include <bit>

#include "base/ensure.h"

namespace hawser::clients {

rate_limiter::rate_limiter(rate allowed, std::size_t keys, const crypto::siphash_key& secret)
    : allowed_(allowed),
      token_time_(std::max<std::int64_t>(
          1, std::chrono::nanoseconds(allowed.per).count() / std::max(1U, allowed.requests))),
      bucket_time_(token_time_ * std::max(1U, allowed.burst)),
      secret_(secret),
      rows_(std::bit_ceil(std::max<std::size_t>(1, (keys + places - 1) / places))),
      table_(std::make_unique<row[]>(rows_)),
      locks_(std::make_unique<std::array<padded_mutex, locks>>()) {
    ensure(allowed.requests > 0 && allowed.burst > 0, "a limit lets something through");
}

rate_limiter::~rate_limiter() = default;

/// The key's own bucket, else the one that is full first: forgetting that one forgives least.
rate_limiter::bucket& rate_limiter::place_for(std::uint64_t key, row& among) noexcept {
    bucket* fullest = &among.buckets.front();
    for (bucket& each : among.buckets) {
        if (each.key == key) return each;
        if (each.full_at < fullest->full_at) fullest = &each;
    }
    *fullest = {.key = key};
    return *fullest;
}

std::chrono::nanoseconds rate_limiter::take(std::span<const std::uint8_t> key,
                                            steady_time now) noexcept {
    const auto hash = crypto::siphash128(secret_, key);
    const std::size_t index = hash[1] & (rows_ - 1);
    const std::int64_t at = now.time_since_epoch() / std::chrono::nanoseconds(1);

    const std::scoped_lock held((*locks_)[index % locks].held);
    bucket& mine = place_for(hash[0], table_[index]);
    const std::int64_t full_at = std::max(mine.full_at, at) + token_time_;
    const std::int64_t too_far = full_at - at - bucket_time_;
    if (too_far > 0) return std::chrono::nanoseconds(too_far);
    mine.full_at = full_at;
    return std::chrono::nanoseconds(0);
}

}  // namespace hawser::clients
