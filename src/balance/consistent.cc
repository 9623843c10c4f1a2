// SPDX-License-Identifier: Apache-2.0
#include "balance/consistent.h"

namespace hawser::balance {

void consistent_settings::describe(config::fields<consistent_settings>& field) {
    field(
        "headroom", &consistent_settings::headroom,
        "How far above its share of the requests in flight a server may get; beyond, the next one "
        "by hash is chosen.");
}

}  // namespace hawser::balance
