// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/limits.h"

namespace hawser::upstream {

/// Keeps retries from multiplying the load of servers that fail because of it (E71): at most a
/// share of one worker's requests to one pool over the last seconds, but a few at once always.
///
/// One per worker and pool, so it needs no lock; every worker sees its share of the traffic.
class retry_budget {
  public:
    /// Allows one retry; held while that retry is under way.
    class permit {
      public:
        permit(permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
        permit& operator=(permit&& other) noexcept {
            std::swap(from_, other.from_);
            return *this;
        }
        ~permit() {
            if (from_ != nullptr) --from_->under_way_;
        }

      private:
        friend class retry_budget;
        explicit permit(retry_budget& from) noexcept : from_(&from) { ++from.under_way_; }

        retry_budget* from_;
    };

    /// Every first attempt of a request is counted here.
    void count_request(steady_time now) noexcept;

    /// Empty when the budget is used up: then the first failure is the answer. `percent` is the
    /// share of the requests that may be retried.
    [[nodiscard]] std::optional<permit> take(steady_time now,
                                             unsigned percent = limits::retry_percent_max) noexcept;

  private:
    struct second {
        std::uint32_t requests = 0;
        std::uint32_t retries = 0;
    };
    static constexpr std::int64_t window = 10;  // seconds

    second& turn_to(steady_time now) noexcept;

    std::array<second, static_cast<std::size_t>(window)> seconds_{};
    std::int64_t present_ = 0;
    second sum_;
    std::uint32_t under_way_ = 0;
};

}  // namespace hawser::upstream
