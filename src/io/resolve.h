// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "io/endpoint.h"

namespace hawser::io {

/// The endpoint of `host:port`, `[v6]:port` or `unix:PATH`, looking the host up when it is a name.
///
/// Waits for the resolver of the operating system, so it is called at start and at reload, never
/// from a worker. A name with several addresses gives the one the system prefers. Fails with
/// errc::invalid for a text that is no address, errc::not_found for a name that does not exist,
/// errc::unavailable when nobody could be asked.
[[nodiscard]] result<endpoint> resolve(std::string_view text);

}  // namespace hawser::io
