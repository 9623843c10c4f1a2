// SPDX-License-Identifier: Apache-2.0
#include "sessions/renewal.h"

#include "observe/log.h"

namespace hawser::sessions {

std::optional<store::record_id> now_called(name_space& in, const store::record_id& old,
                                           steady_time now) {
    const auto found = in.successors.find(old.hash, now);
    if (!found) return std::nullopt;
    if (!found->is_late) return store::record_id{.in = old.in, .hash = found->called};
    in.old_ids_seen.fetch_add(1, std::memory_order_relaxed);
    observe::log_sparsely(observe::level::warn, "session-old-id",
                          "namespace " + std::string(in.space.name()) +
                              ": a session was asked for by an id that was changed long ago");
    return std::nullopt;
}

}  // namespace hawser::sessions
