// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hawser::crypto {

/// SHA-1 of `bytes`: only where a protocol names things by it, never for what must not collide.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes);

/// SHA-256 of `bytes`.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);

}  // namespace hawser::crypto
