// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_ring.h"
#include "crypto/secret_text.h"

namespace hawser::crypto {

/// The ring in the text of a key file. All that is wrong is told, a line each, as
/// `name:line: what`, and without a byte of what stands there: it may be a key in the wrong place.
[[nodiscard]] result<key_ring> parse_keys(std::string_view text, std::string_view name);

/// One line of the file, ending in a newline.
[[nodiscard]] secret_text line_of(const ring_key& key);
[[nodiscard]] secret_text index_line_of(const secret<32>& index);

/// Seconds in UTC, as the file writes them: `2026-11-24T12:00:00Z`.
[[nodiscard]] std::string text_of(wall_time when);
[[nodiscard]] std::optional<wall_time> parse_time(std::string_view text);

}  // namespace hawser::crypto
