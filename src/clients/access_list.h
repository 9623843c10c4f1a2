// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "clients/network_table.h"

namespace hawser::clients {

/// Whether a client may come: of all networks that hold its address the longest one decides.
///
/// An address that no network holds may come if nothing was allowed by name. Where one network is
/// both allowed and denied it is denied.
class access_list {
  public:
    access_list() = default;
    access_list(std::span<const network> allowed, std::span<const network> denied);

    [[nodiscard]] bool admits(const io::ip_address& client) const noexcept {
        if (table_.empty()) return true;
        const auto found = table_.find(client);
        return found ? *found == allow : !allows_by_name_;
    }
    /// It admits everybody.
    [[nodiscard]] bool empty() const noexcept { return table_.empty(); }

  private:
    static constexpr network_table::mark allow = 1;
    static constexpr network_table::mark deny = 0;

    network_table table_;
    bool allows_by_name_ = false;
};

}  // namespace hawser::clients
