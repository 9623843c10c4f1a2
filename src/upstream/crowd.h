// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "upstream/first_claims.h"
#include "upstream/fitness.h"
#include "upstream/places.h"
#include "upstream/queue.h"

namespace hawser::upstream {

/// `circuit-breaker` of a pool: more is refused at once, so that servers in trouble are not given
/// ever more to do. 0: no limit.
struct crowd_limits {
    std::uint32_t requests = 0;  ///< with servers at once
    std::uint32_t retries = 0;   ///< of those

    // What is judged at the end of each window.
    unsigned error_percent = 0;          ///< of the pool's requests that failed; 0: however many
    std::uint32_t window_requests = 50;  ///< fewer say nothing
    std::chrono::milliseconds window = std::chrono::seconds(10);
    std::chrono::milliseconds open_for = std::chrono::seconds(10);

    /// Requests are looked at before they get a server.
    [[nodiscard]] bool concerns_requests() const noexcept {
        return requests != 0 || error_percent != 0;
    }

    friend bool operator==(const crowd_limits&, const crowd_limits&) = default;
};

/// What a pool has to do at once, over all workers. One object a pool, kept over reloads.
struct crowd {
    upstream::queue queue;
    places requests{0};
    places retries{0};
    /// Up: requests are let through. Out: so many have failed that all are refused, but for one at
    /// a time that tries whether it is over.
    fitness circuit;
    /// Null: requests without a key are sessions of their own.
    std::unique_ptr<first_claims> firsts;

    void limit(const crowd_limits& by) noexcept {
        if (by.error_percent == 0) circuit.bring_back({}, false);
        requests.set_maximum(by.requests);
        retries.set_maximum(by.retries);
    }
};

}  // namespace hawser::upstream
