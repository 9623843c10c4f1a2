// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "base/limits.h"

namespace hawser::tls {

/// Room that one worker's TLS streams use in turn, each for a single operation.
struct work_room {
    std::array<char, limits::tls_record_max> gathered;  ///< short pieces on their way into a record
    std::vector<char> sealed;                           ///< what is about to be sent below
};

}  // namespace hawser::tls
