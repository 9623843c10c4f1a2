// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/h1/window.h"

namespace hawser::http::h1 {

/// Parses `method SP target SP version CRLF` (E29-E33, E36, E39, E53) and moves behind it. Fills in
/// the method, the target with its path and query, the version and, of an absolute-form target,
/// scheme and host.
bool parse_request_line(window& bytes, request_head& head, const request_limits& limits) noexcept;

}  // namespace hawser::http::h1
