// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/clock.h"
#include "sessions/name_space.h"
#include "store/record.h"

namespace hawser::sessions {

/// Where the session is whose id `old` was changed a moment ago; nothing, and an alarm, if that
/// was longer ago: somebody has kept the old id, or has taken it.
[[nodiscard]] std::optional<store::record_id> now_called(name_space& in,
                                                         const store::record_id& old,
                                                         steady_time now);

}  // namespace hawser::sessions
