// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "balance/balancer.h"
#include "base/ids.h"

namespace hawser::balance {

/// The servers that a balancer's table was made of: all of the pool, by place in its order.
///
/// A table that names servers by place stays valid while some are out, so that it is made anew only
/// when the pool or a weight changes.
class roster {
  public:
    struct member {
        server_id id;
        std::uint32_t weight;
        friend bool operator==(const member&, const member&) = default;
    };

    /// True if these are not the same as before: the table is to be made anew.
    bool update(std::span<server* const> all);

    /// The same, by the weights that candidates have now. Looks once a second only.
    bool update_weights(candidates usable, steady_time now);

    [[nodiscard]] std::span<const member> members() const noexcept { return members_; }

    /// The candidate that is the member at `place`; null if that is not among them. Found at once
    /// where all are, else after at most as many looks as members are missing.
    [[nodiscard]] server* find(std::size_t place, candidates usable) const noexcept;

  private:
    std::vector<member> members_;
    steady_time next_look_{};
};

}  // namespace hawser::balance
