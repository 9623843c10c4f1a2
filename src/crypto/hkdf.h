// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "crypto/secret.h"

namespace hawser::crypto {

/// Derives key bytes for one use, named by `label`, from `key` (HKDF-SHA-256, RFC 5869).
void hkdf(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt,
          std::string_view label, std::span<std::uint8_t> out);

/// The same as a value: `derive<32>(key, salt, "purpose")`.
template <std::size_t Size>
[[nodiscard]] secret<Size> derive(std::span<const std::uint8_t> key,
                                  std::span<const std::uint8_t> salt, std::string_view label) {
    secret<Size> derived;
    hkdf(key, salt, label, derived.writable());
    return derived;
}

}  // namespace hawser::crypto
