// SPDX-License-Identifier: Apache-2.0
#include "crypto/siphash.h"

#include <sodium.h>

#include <bit>

#include "crypto/random.h"

namespace hawser::crypto {

siphash_key drawn_key() {
    siphash_key made;
    random_bytes(made.writable());
    return made;
}

std::array<std::uint64_t, 2> siphash128(const siphash_key& key,
                                        std::span<const std::uint8_t> bytes) {
    static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16);
    std::array<std::uint8_t, crypto_shorthash_siphashx24_BYTES> hash;
    crypto_shorthash_siphashx24(hash.data(), bytes.data(), bytes.size(), key.bytes().data());
    return std::bit_cast<std::array<std::uint64_t, 2>>(hash);
}

}  // namespace hawser::crypto
