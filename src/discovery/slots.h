// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace hawser::discovery {

/// Numbers from 1 on that stay with whoever has one; whoever comes gets the lowest that is free.
class slots {
  public:
    /// One for each of `all`, in their order. Those who had one and are not named give it up.
    [[nodiscard]] std::vector<std::size_t> assign(std::span<const std::string> all);

  private:
    std::map<std::string, std::size_t> taken_;
};

}  // namespace hawser::discovery
