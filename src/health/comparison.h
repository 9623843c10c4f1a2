// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "upstream/pool.h"

namespace hawser::health {

/// What a server has done within one window.
struct window_counts {
    std::uint64_t outcomes = 0;  ///< requests that were answered or have failed
    std::uint64_t failed = 0;
    std::uint64_t answered = 0;
    std::uint64_t answer_time = 0;  ///< microseconds in all until answers began
};

/// How a server stands out from its pool.
enum class oddity : std::uint8_t { none, errors, slow };

/// As logs and metrics show it: `error-rate`, `slow`.
[[nodiscard]] std::string_view name_of(oddity what) noexcept;

/// Which servers stood out in a window, in the order of `all`: servers are judged by each other, so
/// that what is wrong with all of them, a database or a page, takes out none.
///
/// *errors*: at least `error_percent` of its requests failed, and twice as large a share as of all
/// other servers together. *slow*: its answers took `slowness` times the median of the servers'
/// means to begin, and not less than `slow_from`; of three servers or more, since of two nobody
/// knows which one is odd. Servers with less than `window_requests` are passed over.
///
/// Envoy's success-rate outliers compare so, with mean and deviation; the median does not move
/// with the very server that is looked for.
[[nodiscard]] std::vector<oddity> compare(std::span<const window_counts> all,
                                          const upstream::passive_settings& by);

}  // namespace hawser::health
