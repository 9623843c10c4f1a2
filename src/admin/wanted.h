// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/limits.h"
#include "config/settings.h"
#include "upstream/state_words.h"

/// What the bodies of changes say: read as strictly as the configuration, by the same means.
namespace hawser::admin {

struct state_wanted {
    upstream::admin_state state = upstream::admin_state::ready;

    static void describe(config::fields<state_wanted>& field) {
        field("state", &state_wanted::state, "What the server is to do.").required();
    }
};

struct weight_wanted {
    std::uint32_t weight = 0;

    static void describe(config::fields<weight_wanted>& field) {
        field("weight", &weight_wanted::weight, "Its share beside the others'; 0: nobody new.")
            .required()
            .maximum(limits::server_weight_max);
    }
};

/// A change that says nothing more: no body, or `{}`.
struct nothing_wanted {
    static void describe(config::fields<nothing_wanted>&) {}
};

}  // namespace hawser::admin
