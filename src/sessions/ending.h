// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "async/task.h"
#include "base/result.h"
#include "sessions/name_space.h"
#include "store/store.h"

namespace hawser::sessions {

/// Ends what lies at `at`, whatever it is called, as `store::erase` does, for `remembered`; who
/// listens to ends is told. `kept` must outlive it.
[[nodiscard]] task<result<store::change>> end_at(store::store& kept, name_space& in,
                                                 store::record_id at,
                                                 std::chrono::milliseconds remembered);

}  // namespace hawser::sessions
