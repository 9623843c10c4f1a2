// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "upstream/pool.h"

namespace hawser::health {

/// What a report changed about a server, for the caller to log and count.
struct finding {
    enum class change : std::uint8_t {
        none,
        went_out,   ///< it gets no requests for `lasting`
        stays_out,  ///< its trial failed: none for `lasting` more
        came_back,  ///< its trial succeeded, after `outages` times out in a row
    };

    change what = change::none;
    upstream::failure why{};  ///< the failure that decided; meaningless for came_back
    std::chrono::milliseconds lasting{0};
    std::uint32_t outages = 0;
};

/// The change as logs show it: `went-out`.
[[nodiscard]] std::string_view name_of(finding::change what) noexcept;

/// An answer with this status says that the server is unwell: 5xx, except 501 and 505, which
/// speak of the request.
[[nodiscard]] constexpr bool is_unwell(unsigned status) noexcept {
    return status >= 500 && status <= 599 && status != 501 && status != 505;
}

/// Passive health: the rules by which a pool's own traffic takes a server out and brings it back.
///
/// So many failures in a row take it out, for a time that doubles from outage to outage until it
/// has been well for as long as the longest. After it one request is its trial. Connects that
/// fail say that nobody is there and may take out every server. Answers that fail may be the
/// fault of one page, or of what all servers share: they never take out more than `out_percent` of
/// a pool, but always one where there are others. So does standing out from the others.
///
/// Every exchange reports its outcome once, from any worker; what a report decided is in the
/// server's `health` at once, for all workers.
class outliers {
  public:
    explicit outliers(const upstream::pool& of) noexcept : pool_(of) {}

    /// A whole response head came whose status is not `is_unwell`.
    finding succeeded(upstream::server& who, instant now) const noexcept;

    /// The exchange failed through the server's fault. Not to be reported: a client that left,
    /// and a kept connection that the server closed while idle.
    finding failed(upstream::server& who, upstream::failure why, instant now) const noexcept;

    /// It stood out from its pool in a window (comparison.h). `why` means nothing in the finding.
    finding stood_out(upstream::server& who, instant now) const noexcept;

  private:
    finding take_out(upstream::server& who, upstream::failure why, instant now) const noexcept;
    finding end_trial(upstream::server& who, upstream::failure why, instant now) const noexcept;
    [[nodiscard]] std::chrono::milliseconds time_out_for(std::uint32_t outages) const noexcept;
    [[nodiscard]] bool has_spare(std::size_t more) const noexcept;

    const upstream::pool& pool_;
};

}  // namespace hawser::health
