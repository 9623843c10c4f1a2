// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace hawser::config {

/// The JSON Schema (2020-12) of a document that `what` describes, for editors.
[[nodiscard]] node schema_of(const description& what, std::string_view title);

/// Markdown that lists each key of `what` and of all below it: type, default, meaning.
[[nodiscard]] std::string reference_of(const description& what);

}  // namespace hawser::config
