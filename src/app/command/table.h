// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hawser::app {

/// Rows of equally many texts as lines with aligned columns; those from `first_number` on are
/// written to the right.
[[nodiscard]] std::string table_of(const std::vector<std::vector<std::string>>& rows,
                                   std::size_t first_number = SIZE_MAX);

}  // namespace hawser::app
