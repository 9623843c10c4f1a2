// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.h"

/// Texts with units, to values and back. An error is the message for the person who wrote it.
namespace hawser::config {

/// `250ms`, `30s`, `1h30m`; units us ms s m h d. Without a unit only `0` is clear.
[[nodiscard]] std::expected<std::chrono::nanoseconds, std::string> parse_duration(
    std::string_view text);

/// In the largest unit that says it exactly.
[[nodiscard]] std::string text_of(std::chrono::nanoseconds value);

/// `4096`, `32KiB`, `1MiB`, `2GiB`; k, m, g mean the same.
[[nodiscard]] std::expected<byte_count, std::string> parse_bytes(std::string_view text);

[[nodiscard]] std::string text_of(byte_count value);

}  // namespace hawser::config
