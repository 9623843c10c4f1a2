// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hawser::bench {

/// Counts durations in nanoseconds, exact to 1/64; constant size, one increment a value.
class histogram {
  public:
    void add(std::uint64_t value) {
        ++counts_[place_of(value)];
        ++total_;
        greatest_ = std::max(greatest_, value);
    }

    std::uint64_t greatest() const { return greatest_; }

    /// The value that a share of all values (0.99) does not exceed; 0 when there are none.
    std::uint64_t quantile(double share) const {
        const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t passed = 0;
        for (std::size_t place = 0; place < counts_.size(); ++place) {
            passed += counts_[place];
            if (passed > rank) return std::min(upper_edge(place), greatest_);
        }
        return greatest_;
    }

  private:
    static constexpr unsigned bits = 6;
    static constexpr std::uint64_t steps = 1 << bits;

    /// Values below 64 have a place each; above, each power of two has 64 places.
    static std::size_t place_of(std::uint64_t value) {
        if (value < steps) return value;
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - bits - 1;
        return (shift + 1) * steps + ((value >> shift) - steps);
    }

    static std::uint64_t upper_edge(std::size_t place) {
        if (place < steps) return place;
        const auto shift = place / steps - 1;
        return ((place % steps + steps + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - bits + 1) * steps> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t greatest_ = 0;
};

}  // namespace hawser::bench
