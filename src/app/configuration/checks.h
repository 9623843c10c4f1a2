// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/configuration.h"
#include "config/diagnostics.h"
#include "config/node.h"

namespace hawser::app {

/// What no field can know alone: names that lead nowhere, routes that are equal, addresses taken
/// twice, cookies that overwrite each other. `written` is what `given` was read from, for places.
void check_listeners(const configuration& given, const config::node& written,
                     config::diagnostics& out);
void check_pools(const configuration& given, const config::node& written, config::diagnostics& out);
void check_releases(const configuration& given, const config::node& written,
                    config::diagnostics& out);
void check_routes(const configuration& given, const config::node& written,
                  config::diagnostics& out);
void check_cookies(const configuration& given, const config::node& written,
                   config::diagnostics& out);
/// Times that contradict each other: warnings.
void check_timeouts(const configuration& given, const config::node& written,
                    config::diagnostics& out);

}  // namespace hawser::app
