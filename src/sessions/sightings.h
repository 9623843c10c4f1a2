// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "store/record.h"

namespace hawser::sessions {

/// Which versions of sessions a client has seen last: on what its next save of one is based.
///
/// Holds the last few thousand; of the others nothing is known, which is the careful answer.
class sightings {
  public:
    static constexpr std::size_t most = 4096;

    void note(const store::record_id& id, store::version seen) {
        const auto [place, is_new] = seen_.insert_or_assign(key_of(id), seen);
        if (!is_new) return;
        if (order_.size() < most) {
            order_.push_back(place->first);
            return;
        }
        seen_.erase(order_[next_]);
        order_[next_] = key_of(id);
        next_ = (next_ + 1) % most;
    }

    [[nodiscard]] store::version of(const store::record_id& id) const {
        const auto found = seen_.find(key_of(id));
        return found == seen_.end() ? store::no_version : found->second;
    }

    [[nodiscard]] std::size_t size() const { return seen_.size(); }

  private:
    /// Half of a keyed hash tells sessions apart as far as one client sees them.
    static std::uint64_t key_of(const store::record_id& id) { return id.hash[0]; }

    std::unordered_map<std::uint64_t, store::version> seen_;
    std::vector<std::uint64_t> order_;  // in the order in which they came, from `next_` on
    std::size_t next_ = 0;
};

}  // namespace hawser::sessions
