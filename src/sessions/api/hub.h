// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "observe/counter.h"
#include "observe/exposition.h"
#include "observe/per_worker.h"
#include "sessions/audit_queue.h"
#include "store/store.h"

namespace hawser::sessions::api {

/// What one worker's JSON door counts.
struct counters {
    observe::cause_counters<24> requests;  ///< by action and status class
    observe::counter failed_tokens;
};

/// What the JSON doors of all workers share.
class hub {
  public:
    hub(store::store& kept, std::size_t workers) : kept(kept), counted(workers) {}

    void collect(observe::exposition& into) const;

    store::store& kept;
    observe::per_worker<counters> counted;
    audit_queue audit;
};

}  // namespace hawser::sessions::api
