// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

namespace hawser {

/// How often `operator new` has been called in this program, by any thread; under ThreadSanitizer
/// malloc as well.
[[nodiscard]] std::size_t allocations_so_far() noexcept;

/// How often `what` calls it, with the threads that it waits for.
template <typename What>
std::size_t allocations_of(What&& what) {
    const std::size_t before = allocations_so_far();
    std::forward<What>(what)();
    return allocations_so_far() - before;
}

}  // namespace hawser
