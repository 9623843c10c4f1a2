// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "crypto/secret.h"

namespace hawser::crypto {

using siphash_key = secret<16>;

/// A new one, by chance: for tables that live as long as the process.
[[nodiscard]] siphash_key drawn_key();

/// SipHash-2-4 with 128 bits of output: for tables whose keys clients choose (E165), and wherever a
/// hash must say nothing about what was hashed to those without the key.
[[nodiscard]] std::array<std::uint64_t, 2> siphash128(const siphash_key& key,
                                                      std::span<const std::uint8_t> bytes);

}  // namespace hawser::crypto
