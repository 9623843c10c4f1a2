// SPDX-License-Identifier: Apache-2.0
#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>

#include "base/ensure.h"

namespace hawser::crypto {

namespace {

OSSL_PARAM octets(const char* name, std::span<const std::uint8_t> bytes) {
    // OpenSSL's parameters are not const-correct; it only reads these.
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                             bytes.size());
}

}  // namespace

void hkdf(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt,
          std::string_view label, std::span<std::uint8_t> out) {
    // Looked up once: a fetch costs more than the derivation.
    static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    ensure(algorithm != nullptr, "OpenSSL's default provider has HKDF");
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
        EVP_KDF_CTX_new(algorithm), &EVP_KDF_CTX_free);
    ensure(context != nullptr, "memory for a key derivation");

    // RFC 5869, 2.2: no salt is a salt of zeros. OpenSSL 3.0 fails where there is none.
    static constexpr std::array<std::uint8_t, 32> no_salt{};
    if (salt.empty()) salt = no_salt;

    char digest[] = "SHA256";
    const std::span info(reinterpret_cast<const std::uint8_t*>(label.data()), label.size());
    const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
                                octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    ensure(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1,
           "HKDF-SHA-256 derives up to 8160 bytes from any key");
}

}  // namespace hawser::crypto
