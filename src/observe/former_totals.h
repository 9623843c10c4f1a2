// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hawser::observe {

/// Names and values of a series' labels, in the order in which they are shown.
using owned_labels = std::vector<std::pair<std::string, std::string>>;

/// One series that only grows, in words of its own: another process may go on with it.
struct total {
    std::string name;  ///< of its family, whole
    std::string help = {};
    owned_labels labels = {};
    double value = 0;                        ///< of durations the sum, in seconds
    std::vector<std::uint64_t> counts = {};  ///< of durations: a place for each bound, and one
    std::vector<double> bounds = {};         ///< of a histogram, in seconds; a summary has none

    friend bool operator==(const total&, const total&) = default;
};

/// What the processes before this one have counted. Their series go on here, so that an upgrade is
/// no reset of a counter.
class former_totals {
  public:
    using series = std::map<owned_labels, total>;

    /// In the place of what was told of the same series before.
    void set(total told) {
        auto& place = families_[told.name][told.labels];
        place = std::move(told);
    }
    [[nodiscard]] const std::map<std::string, series>& families() const noexcept {
        return families_;
    }

  private:
    std::map<std::string, series> families_;
};

}  // namespace hawser::observe
