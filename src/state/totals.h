// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "observe/former_totals.h"
#include "state/bytes.h"

namespace hawser::state {

/// Counters as bytes, one after the other. Layout in docs/state.md.
void append(const observe::total& one, bytes& out);

/// All of `text`; nothing if it is cut or holds what cannot be.
[[nodiscard]] std::optional<std::vector<observe::total>> read_totals(
    std::span<const std::uint8_t> text);

}  // namespace hawser::state
