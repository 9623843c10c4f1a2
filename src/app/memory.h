// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace hawser::app {

/// How much memory is used, and may be; 0 where there is no limit.
struct memory_use {
    std::uint64_t used = 0;
    std::uint64_t most = 0;
};

/// Bytes of this process that are resident.
[[nodiscard]] std::uint64_t resident_memory();

/// The memory of this process's control group (version 2), which its other processes share. What
/// the kernel can drop at once, the cache of files, does not count.
class group_memory {
  public:
    /// Finds the group; one without a limit of its own has none.
    group_memory();
    /// A folder in the place of the group's, for tests.
    explicit group_memory(std::string folder) : folder_(std::move(folder)) {}

    [[nodiscard]] memory_use look() const;

  private:
    std::string folder_;  ///< empty: there is no group with a limit
};

}  // namespace hawser::app
