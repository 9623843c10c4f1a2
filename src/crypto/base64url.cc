// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64url.h"

#include <sodium.h>

#include "base/ensure.h"

namespace hawser::crypto {

void append_base64url(std::span<const std::uint8_t> bytes, std::string& out) {
    const auto before = out.size();
    // libsodium ends its text with a NUL.
    out.resize(before +
               sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    sodium_bin2base64(out.data() + before, out.size() - before, bytes.data(), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out.pop_back();
}

std::optional<std::size_t> decode_base64url(std::string_view text, std::span<std::uint8_t> out) {
    std::size_t size = 0;
    if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        return std::nullopt;
    }
    return size;
}

}  // namespace hawser::crypto
