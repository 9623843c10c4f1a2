// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/drain.h"

namespace hawser::app {

using namespace std::chrono_literals;

upstream::drain_policy drain_settings::policy() const {
    return {.deadline = deadline,
            .idle_after = idle_after,
            .rules = {tentative, idle, active, tunnel},
            .cut_within = cut_within};
}

drain_settings drain_settings::of(const upstream::drain_policy& policy) {
    using upstream::session_class;
    return {.deadline = policy.deadline,
            .tentative = policy.of(session_class::tentative),
            .idle = policy.of(session_class::idle),
            .active = policy.of(session_class::active),
            .tunnel = policy.of(session_class::tunnel),
            .idle_after = policy.idle_after,
            .cut_within = policy.cut_within};
}

void drain_settings::describe(config::fields<drain_settings>& field) {
    using self = drain_settings;
    field("deadline", &self::deadline,
          "When a drain ends at the latest: whoever is left moves with its next request, and what "
          "is open is ended.")
        .minimum(1s)
        .maximum(limits::drain_deadline_max);
    field("tentative", &self::tentative, "Sessions whose key has not come back yet.");
    field("idle", &self::idle, "Sessions without a request for `idle-after`.");
    field("active", &self::active, "Sessions with a request since then, or one in flight.");
    field("tunnel", &self::tunnel, "Sessions with an open WebSocket, or that ask for one.");
    field("idle-after", &self::idle_after, "How long after its last request a session is idle.")
        .minimum(1s)
        .maximum(limits::session_rule_idle_max);
    field("cut-within", &self::cut_within, "What is cut is cut in this time, one after the other.")
        .maximum(10min);
}

}  // namespace hawser::app
