// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <openssl/evp.h>

#include "base/ensure.h"

namespace hawser::crypto {

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
    std::array<std::uint8_t, 20> made{};
    const int done =
        ::EVP_Digest(bytes.data(), bytes.size(), made.data(), nullptr, ::EVP_sha1(), nullptr);
    ensure(done == 1, "SHA-1 is there");
    return made;
}

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
    std::array<std::uint8_t, 32> made{};
    const int done =
        ::EVP_Digest(bytes.data(), bytes.size(), made.data(), nullptr, ::EVP_sha256(), nullptr);
    ensure(done == 1, "SHA-256 is there");
    return made;
}

}  // namespace hawser::crypto
