// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::observe {

/// Lets a few messages of each key pass in a stretch of time, and counts those it keeps back.
///
/// It remembers a bounded number of keys; one that takes another's place starts anew, so at worst
/// more is written. For any thread.
class repeat_limit {
  public:
    /// Nothing: keep this message back. A number: let it pass; so many were kept back before it.
    std::optional<std::uint64_t> pass(std::string_view key, steady_time now) {
        const std::uint64_t hash = stable_hash(key);
        const std::scoped_lock lock(mutex_);
        slot& place = slots_[hash % slots_.size()];
        if (place.key != hash) place = {.key = hash};
        if (now >= place.until) {
            place.until = now + limits::log_alike_time;
            place.passed = 0;
        }
        if (place.passed == limits::log_alike_max) {
            ++place.kept_back;
            return std::nullopt;
        }
        ++place.passed;
        const std::uint64_t kept_back = place.kept_back;
        place.kept_back = 0;
        return kept_back;
    }

  private:
    struct slot {
        std::uint64_t key = 0;
        steady_time until = steady_time::min();
        unsigned passed = 0;
        std::uint64_t kept_back = 0;
    };

    std::mutex mutex_;
    std::array<slot, 256> slots_;
};

}  // namespace hawser::observe
