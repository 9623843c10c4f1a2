// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/node.h"

namespace hawser::config {

/// A tree as YAML that reading gives back as the same tree: `$` is doubled in texts.
[[nodiscard]] std::string to_yaml(const node& tree);

/// A tree as indented JSON: plain scalars that JSON knows (numbers, `true`, `false`) as they are,
/// all others as strings.
[[nodiscard]] std::string to_json(const node& tree);

}  // namespace hawser::config
