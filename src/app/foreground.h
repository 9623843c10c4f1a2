// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/service.h"

namespace hawser::app {

/// Serves by what `read` gives until a signal ends it; `read` is asked again for each reload. What
/// is wrong is told on stderr. Returns the exit status. `started` is called once it serves.
int serve_in_foreground(const service::reader& read, const std::string& pid_file = {},
                        const std::function<void(const node&)>& started = {});

}  // namespace hawser::app
