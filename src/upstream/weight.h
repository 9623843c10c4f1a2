// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace hawser::upstream {

/// A server's weight: what people gave it, and the share of that which the server itself asks for.
///
/// Where servers may ask, the effective weight counts in hundredths, in the whole pool. Set by any
/// thread, read by every worker on every pick.
class weight {
  public:
    weight(std::uint32_t given, bool takes_reports) : given_(given), takes_reports_(takes_reports) {
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

    void set(std::uint32_t given) noexcept {
        given_ = given;
        settle();
    }
    /// As in the whole pool.
    void take_reports(bool wanted) noexcept {
        takes_reports_ = wanted;
        settle();
    }
    void report(unsigned percent) noexcept {
        if (percent == reported()) return;
        reported_ = percent;
        settle();
    }

  private:
    [[nodiscard]] std::uint32_t product() const noexcept {
        return takes_reports_ ? given_ * reported_ : given_.load();
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
    std::atomic<bool> takes_reports_;
};

}  // namespace hawser::upstream
