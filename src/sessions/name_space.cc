// SPDX-License-Identifier: Apache-2.0
#include "sessions/name_space.h"

#include "store/store.h"

namespace hawser::sessions {

void name_space::note_end(const store::ending& what, steady_time now) {
    if (users.size() > 0 || locks.size() > 0) {
        const auto place = id_of(what.name).hash;
        users.remove(place);
        locks.free(place, now);
    }
    const bool is_over = what.why == store::end_cause::expired;
    tell(what.name, is_over ? events::expired : events::evicted);
}

}  // namespace hawser::sessions
