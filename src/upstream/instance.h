// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace hawser::upstream {

/// The mark of what a server says in its `instance_field`: any text that is another one after each
/// start of its process. 0 for an empty one: none.
[[nodiscard]] generation instance_mark(std::string_view said) noexcept;

/// The field in which answers announce it.
inline constexpr std::string_view instance_field = "Hawser-Instance";

/// Which process answers at a server's address now, as it said itself; read by every worker.
///
/// While one process finishes its last answers another may have taken its place: what comes over a
/// connection that is older than the one that brought the present mark changes nothing.
class instance {
  public:
    /// 0 while none was announced.
    [[nodiscard]] generation mark() const noexcept {
        return generation(word_.load(std::memory_order_relaxed) >> 32);
    }

    /// An answer brought `mark` over a connection that was opened at `opened`.
    void announce(generation mark, steady_time opened) noexcept {
        if (mark == this->mark()) return;
        const std::uint32_t moment = moment_of(opened);
        std::uint64_t seen = word_.load(std::memory_order_relaxed);
        // Counted modulo 2^32 milliseconds: only which of two is earlier counts.
        while (seen == 0 || std::int32_t(moment - std::uint32_t(seen)) >= 0) {
            const std::uint64_t next = std::uint64_t{mark} << 32 | moment;
            if (word_.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return;
        }
    }

  private:
    static std::uint32_t moment_of(steady_time opened) noexcept {
        const auto since = opened.time_since_epoch();
        return std::uint32_t(std::chrono::floor<std::chrono::milliseconds>(since).count());
    }

    std::atomic<std::uint64_t> word_{0};  // mark | moment of its connection
};

}  // namespace hawser::upstream
