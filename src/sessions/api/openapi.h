// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "sessions/api/door.h"

namespace hawser::sessions::api {

/// The door, described: OpenAPI 3.1, made of the one list of what can be asked.
[[nodiscard]] std::string openapi_document(std::span<const action> all);

}  // namespace hawser::sessions::api
