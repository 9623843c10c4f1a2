// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/limits.h"
#include "proxy/admission.h"

namespace hawser::app {

/// How near one thing is to its end. What rose eases only a little below the bound that it crossed,
/// so that it does not flutter.
class strain {
  public:
    struct bounds {
        unsigned tight = 100;  ///< percent
        unsigned full = 0;     ///< 0: never
    };
    explicit strain(bounds at) : at_(at) {}

    /// `most` 0: there is no limit.
    proxy::pressure look(std::uint64_t used, std::uint64_t most) noexcept {
        using proxy::pressure;
        const auto reaches = [&](unsigned percent, bool was_reached) {
            const unsigned ease = was_reached ? limits::pressure_ease_percent : 0;
            return most != 0 && percent != 0 && used * 100 >= most * (percent - ease);
        };
        if (reaches(at_.full, present_ == pressure::full))
            present_ = pressure::full;
        else if (reaches(at_.tight, present_ != pressure::none))
            present_ = pressure::tight;
        else
            present_ = pressure::none;
        return present_;
    }
    [[nodiscard]] proxy::pressure present() const noexcept { return present_; }

  private:
    bounds at_;
    proxy::pressure present_ = proxy::pressure::none;
};

}  // namespace hawser::app
