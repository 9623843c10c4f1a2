// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "async/task.h"
#include "sessions/holding.h"
#include "sessions/resp/command.h"

namespace hawser::sessions::resp {

/// What SCAN and its kin ask for.
struct scan_options {
    std::string_view pattern = "*";
    std::size_t count = 10;
    bool is_of_any = true;  ///< else of `as` only, and of none if that is nothing
    std::optional<holding> as = {};
};

/// Reads them from the argument `at` on. False: it has been answered what is wrong with them.
[[nodiscard]] bool read_scan_options(call& asked, std::size_t at, scan_options& into);

/// Both are somebody else's choice, and cost the product of their lengths: others have their turn.
[[nodiscard]] task<bool> matches_in_turns(call& asked, std::string_view pattern,
                                          std::string_view name);

}  // namespace hawser::sessions::resp
