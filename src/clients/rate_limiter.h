// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "base/clock.h"
#include "crypto/siphash.h"

namespace hawser::clients {

/// How much one key may ask for: `requests` in each `per`, and `burst` of them at once.
struct rate {
    std::uint32_t requests = 1;
    std::chrono::milliseconds per = std::chrono::seconds(1);
    std::uint32_t burst = 1;  ///< the bucket's size, at least 1

    friend bool operator==(const rate&, const rate&) = default;
};

/// Token buckets by key, shared by all workers, in a table of fixed size.
///
/// A bucket is one moment: the one at which it will be full again. A request moves that moment on
/// by the time that one token takes to come back, and is refused when it would lie further ahead
/// than a whole bucket's time. So a bucket that is full again need not be kept, and a table that
/// is full of others lets go of the fullest of a few: a key is forgiven early, never refused
/// wrongly.
///
/// Keys are hashed under a secret, so that nobody can aim at another's place. A lock is held for
/// the comparison of eight places.
class rate_limiter {
  public:
    /// Room for `keys` buckets, rounded up; 16 bytes each.
    rate_limiter(rate allowed, std::size_t keys, const crypto::siphash_key& secret);
    ~rate_limiter();

    /// Takes a token of `key`'s bucket. Zero: the request may go on; else how long until it might.
    [[nodiscard]] std::chrono::nanoseconds take(std::span<const std::uint8_t> key,
                                                steady_time now) noexcept;

    [[nodiscard]] const rate& allowed() const noexcept { return allowed_; }

  private:
    static constexpr std::size_t places = 8;   // of a row
    static constexpr std::size_t locks = 256;  // each for every 256th row

    struct bucket {
        std::uint64_t key = 0;
        std::int64_t full_at = 0;  // nanoseconds of the steady clock
    };
    struct alignas(64) row {
        std::array<bucket, places> buckets;
    };
    struct alignas(64) padded_mutex {
        std::mutex held;
    };

    static bucket& place_for(std::uint64_t key, row& among) noexcept;

    rate allowed_;
    std::int64_t token_time_;   // nanoseconds until one token has come back
    std::int64_t bucket_time_;  // until an empty bucket is full
    crypto::siphash_key secret_;
    std::size_t rows_;
    std::unique_ptr<row[]> table_;
    std::unique_ptr<std::array<padded_mutex, locks>> locks_;
};

}  // namespace hawser::clients
