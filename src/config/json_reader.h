// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/node.h"

namespace hawser::config {

/// The tree that JSON `text` says (RFC 8259), for what programs send and keep: nothing beyond the
/// standard is understood, no variables are replaced, a key named twice is an error (its section 4
/// leaves that open). Messages call it `name`. Null when anything is wrong, and `out` says what.
[[nodiscard]] node parse_json(std::string_view text, std::string_view name, diagnostics& out);

}  // namespace hawser::config
