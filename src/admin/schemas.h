// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hawser::admin {

/// JSON Schemas of the answers (json.h writes them), by the names that actions give them. The
/// tests hold every answer against them.
extern const std::string_view answer_schemas;

}  // namespace hawser::admin
