// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "crypto/base64url.h"

namespace hawser::crypto {

inline std::string base64url(std::string_view bytes) {
    std::string text;
    append_base64url({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, text);
    return text;
}

/// An issuer of tokens, with a key of its own that was made for the test.
class token_issuer {
  public:
    static token_issuer with_rsa(int bits = 2048) {
        return token_issuer(EVP_RSA_gen(static_cast<unsigned>(bits)), EVP_sha256(), 0);
    }
    static token_issuer with_p256() { return token_issuer(EVP_EC_gen("P-256"), EVP_sha256(), 32); }
    static token_issuer with_ed25519() {
        return token_issuer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), nullptr, 0);
    }

    [[nodiscard]] std::string public_pem() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> to(BIO_new(BIO_s_mem()), &BIO_free);
        ensure(PEM_write_bio_PUBKEY(to.get(), key_.get()) == 1, "a public key has a text");
        char* text = nullptr;
        const long size = BIO_get_mem_data(to.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }

    /// A token of these claims, signed; `header` and `claims` are JSON.
    [[nodiscard]] std::string token(std::string_view header, std::string_view claims) const {
        const std::string text = base64url(header) + "." + base64url(claims);
        return text + "." + base64url(signature_of(text));
    }

  private:
    token_issuer(EVP_PKEY* key, const EVP_MD* digest, int half)
        : key_(key, &EVP_PKEY_free), digest_(digest), half_(half) {
        ensure(key_ != nullptr, "a key is made");
    }

    [[nodiscard]] std::string signature_of(std::string_view text) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> by(EVP_MD_CTX_new(),
                                                                         &EVP_MD_CTX_free);
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        std::size_t size = 0;
        ensure(EVP_DigestSignInit(by.get(), nullptr, digest_, nullptr, key_.get()) == 1 &&
                   EVP_DigestSign(by.get(), nullptr, &size, bytes, text.size()) == 1,
               "a key signs");
        std::vector<std::uint8_t> made(size);
        ensure(EVP_DigestSign(by.get(), made.data(), &size, bytes, text.size()) == 1, "it does");
        made.resize(size);
        return half_ == 0 ? std::string(made.begin(), made.end()) : two_numbers(made);
    }

    /// An ECDSA signature as tokens have it.
    [[nodiscard]] std::string two_numbers(const std::vector<std::uint8_t>& der) const {
        const std::uint8_t* at = der.data();
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> read(
            d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
        std::vector<std::uint8_t> raw(static_cast<std::size_t>(2 * half_));
        BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), raw.data(), half_);
        BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), raw.data() + half_, half_);
        return {raw.begin(), raw.end()};
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    const EVP_MD* digest_;
    int half_;
};

}  // namespace hawser::crypto
