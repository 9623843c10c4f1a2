// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hawser::crypto {

/// Appends `bytes` as base64url without padding (RFC 4648, section 5).
void append_base64url(std::span<const std::uint8_t> bytes, std::string& out);

/// Decodes canonical base64url without padding into `out`; the number of bytes, or nothing if
/// `text` is anything else: another alphabet, padding, blanks, bits left over, or too long for
/// `out`. One sequence of bytes has one text, so no changed text passes for the same token.
[[nodiscard]] std::optional<std::size_t> decode_base64url(std::string_view text,
                                                          std::span<std::uint8_t> out);

}  // namespace hawser::crypto
