// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "admin/api.h"

namespace hawser::admin {

/// The OpenAPI 3.1 document of `actions`: made of the list that requests are dispatched by, so that
/// nothing is in one of them alone.
[[nodiscard]] std::string openapi_document(std::span<const action> actions, const operations& node);

}  // namespace hawser::admin
