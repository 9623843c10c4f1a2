// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "async/task.h"
#include "proxy/arrival.h"
#include "proxy/station.h"

namespace hawser::proxy {

/// Shakes hands with a client of a listener that speaks TLS, then lets it be served by what both
/// have agreed on. Who speaks HTTP in clear is told so (E130).
[[nodiscard]] task<> shake_hands(station& at, std::shared_ptr<listener_post> through, arrival who);

}  // namespace hawser::proxy
