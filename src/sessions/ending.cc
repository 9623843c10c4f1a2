// SPDX-License-Identifier: Apache-2.0
#include "sessions/ending.h"

#include <string>

#include "async/loop.h"
#include "sessions/events.h"

namespace hawser::sessions {

/// What it was called is asked only for those who want to hear of its end.
task<result<store::change>> end_at(store::store& kept, name_space& in, store::record_id at,
                                   std::chrono::milliseconds remembered) {
    std::string name;
    if (in.channels.are_watched(events::del.kind)) {
        const auto found = co_await kept.read(at, false, loop::current().now().steady);
        if (found && found->record) name = found->record->name;
    }
    auto done = co_await kept.erase(at, {}, remembered, loop::current().now().steady);
    const bool has_ended = done && done->outcome == store::outcome::kept;
    if (has_ended && !name.empty()) in.tell(name, events::del);
    co_return done;
}

}  // namespace hawser::sessions
