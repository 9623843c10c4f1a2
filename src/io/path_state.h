// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace hawser::io {

/// What is known of the way to a connection's peer, since the connection was begun.
struct path_state {
    std::chrono::microseconds round_trip{0};  ///< smoothed; 0: nothing has come back yet
    std::uint32_t segments = 0;               ///< sent, those that were sent again too
    std::uint32_t retransmits = 0;            ///< sent again
};

}  // namespace hawser::io
