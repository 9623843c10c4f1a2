// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace hawser {

/// Empties a place of a table that is probed place by place from each one's home on. `Slot()` is an
/// empty place, and the size a power of two. Those behind move up as far as they may, so that no
/// mark is left where nothing is.
template <typename Slot, typename HomeOf>
void close_gap(std::span<Slot> table, std::size_t gap, HomeOf&& home_of) {
    const std::size_t mask = table.size() - 1;
    for (std::size_t at = (gap + 1) & mask; table[at] != Slot(); at = (at + 1) & mask) {
        // Before its home nobody would find it.
        if (((at - home_of(table[at])) & mask) < ((at - gap) & mask)) continue;
        table[gap] = table[at];
        gap = at;
    }
    table[gap] = Slot();
}

}  // namespace hawser
