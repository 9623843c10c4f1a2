// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace hawser::upstream {

/// A server's weight: what people gave it, the share of that which the server itself asks for, and
/// the share of this which it has while it warms up.
///
/// Where servers may ask or warm up, the effective weight counts in hundredths, in the whole pool.
/// Set by any thread, read by every worker on every pick.
class weight {
  public:
    weight(std::uint32_t given, bool in_hundredths) : given_(given), in_hundredths_(in_hundredths) {
        settle();
    }

    /// What counts beside the others of the pool; 0: nobody new.
    [[nodiscard]] std::uint32_t effective() const noexcept {
        return effective_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint32_t given() const noexcept { return given_; }
    /// Percent; 100 while the server has asked for nothing else.
    [[nodiscard]] unsigned reported() const noexcept {
        return reported_.load(std::memory_order_relaxed);
    }

    /// Percent of the reported share; 100 once the server is warm.
    [[nodiscard]] unsigned warmth() const noexcept {
        return warmth_.load(std::memory_order_relaxed);
    }

    void set(std::uint32_t given) noexcept {
        given_ = given;
        settle();
    }
    /// As in the whole pool.
    void count_in_hundredths(bool wanted) noexcept {
        in_hundredths_ = wanted;
        settle();
    }
    void report(unsigned percent) noexcept {
        if (percent == reported()) return;
        reported_ = percent;
        settle();
    }
    void warm(unsigned percent) noexcept {
        if (percent == warmth()) return;
        warmth_ = percent;
        settle();
    }

  private:
    [[nodiscard]] std::uint32_t product() const noexcept {
        if (!in_hundredths_) return given_;
        const std::uint32_t asked = given_ * reported_;
        // Never nothing: who has no requests would not become warm.
        return asked == 0 ? 0 : std::max(asked * warmth_ / 100, 1U);
    }
    /// Whoever changed a part last sees both, and has the last word.
    void settle() noexcept {
        std::uint32_t known = product();
        for (;;) {
            effective_ = known;
            const std::uint32_t now = product();
            if (now == known) return;
            known = now;
        }
    }

    std::atomic<std::uint32_t> effective_{0};
    std::atomic<std::uint32_t> given_;
    std::atomic<unsigned> reported_{100};
    std::atomic<unsigned> warmth_{100};
    std::atomic<bool> in_hundredths_;
};

}  // namespace hawser::upstream
