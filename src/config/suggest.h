// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hawser::config {

/// The one of `known` that a person who wrote `typed` probably meant; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view typed,
                                       std::span<const std::string_view> known);

/// `, did you mean "pools"?`, or, when no known word is near, `; known: a, b, c` if they are few.
[[nodiscard]] std::string did_you_mean(std::string_view typed,
                                       std::span<const std::string_view> known);

/// `a, b or c`, each in backquotes.
[[nodiscard]] std::string one_of(std::span<const std::string_view> known);

}  // namespace hawser::config
