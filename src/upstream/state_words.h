// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "config/codec.h"
#include "upstream/server.h"

namespace hawser::upstream {

/// How people write the states; `maint` is HAProxy's word.
constexpr std::array<config::word<admin_state>, 4> choices(admin_state) {
    return {
        {{"ready", admin_state::ready, "takes part"},
         {"drain", admin_state::drain, "serves the sessions that it is home to, and nobody new"},
         {"maintenance", admin_state::maintenance, "serves nobody; its sessions move"},
         {"maint", admin_state::maintenance, "the same"}}};
}

}  // namespace hawser::upstream
