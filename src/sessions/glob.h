// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hawser::sessions {

/// Whether `text` is of the form `pattern`: `*` any bytes, `?` one, `[a-z]` `[^ab]` one of those
/// or none of those, `\` takes the next byte as it is. At most as many steps as the product of both
/// lengths, whatever the pattern.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace hawser::sessions
