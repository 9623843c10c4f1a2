// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "admin/status.h"

namespace hawser::app {

/// What a node's `Movement` says, in JSON; nothing of what is not there.
[[nodiscard]] hawser::admin::movement read_movement(const std::string& document);

/// `1,204 of 18,310 sessions would move, 37 with open tunnels`; or what else becomes of them.
[[nodiscard]] std::string text_of(const hawser::admin::movement& all,
                                  std::string_view becomes = "move");

}  // namespace hawser::app
