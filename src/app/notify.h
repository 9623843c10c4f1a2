// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace hawser::app {

/// Tells the service manager of a state, e.g. `READY=1`, with descriptors for its store if there
/// are any (at most `limits::workers_max`); does nothing where there is none (sd_notify(3): a
/// datagram to `$NOTIFY_SOCKET`).
void notify_service_manager(std::string_view state, std::span<const int> descriptors = {});

}  // namespace hawser::app
