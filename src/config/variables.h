// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::config {

/// Looks a variable up; the process's environment, or what a test wants it to be.
using variables = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> from_environment(std::string_view name);

/// Replaces `${NAME}`, `${NAME:-default}` (also when NAME is empty) and `$$` in a text. The error
/// is the message for the person who wrote it. What a variable holds is not looked at again.
[[nodiscard]] std::expected<std::string, std::string> replace_variables(std::string_view text,
                                                                        const variables& known);

}  // namespace hawser::config
