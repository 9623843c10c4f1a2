// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwt.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "base/ensure.h"
#include "crypto/base64url.h"
#include "crypto/compare.h"

namespace hawser::crypto {

namespace {

struct algorithm {
    std::string_view name;
    jwt_key_kind kind;
    const EVP_MD* (*digest)();  ///< null: the signature has its own
    bool is_pss = false;
    std::size_t half = 0;  ///< bytes of each of an ECDSA signature's two numbers
};

constexpr std::array<algorithm, 12> algorithms{
    {{"RS256", jwt_key_kind::rsa, EVP_sha256},
     {"RS384", jwt_key_kind::rsa, EVP_sha384},
     {"RS512", jwt_key_kind::rsa, EVP_sha512},
     {"PS256", jwt_key_kind::rsa, EVP_sha256, true},
     {"PS384", jwt_key_kind::rsa, EVP_sha384, true},
     {"PS512", jwt_key_kind::rsa, EVP_sha512, true},
     {"ES256", jwt_key_kind::p256, EVP_sha256, false, 32},
     {"ES384", jwt_key_kind::p384, EVP_sha384, false, 48},
     {"EdDSA", jwt_key_kind::ed25519, nullptr},
     {"HS256", jwt_key_kind::secret, EVP_sha256},
     {"HS384", jwt_key_kind::secret, EVP_sha384},
     {"HS512", jwt_key_kind::secret, EVP_sha512}}};

/// A token taken apart, nothing of it believed.
struct parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;
};

std::optional<parts> take_apart(std::string_view token) {
    const auto first = token.find('.');
    if (first == token.npos) return std::nullopt;
    const auto second = token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
    return parts{.header = token.substr(0, first),
                 .payload = token.substr(first + 1, second - first - 1),
                 .signature = token.substr(second + 1),
                 .signed_text = token.substr(0, second)};
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out(text.size(), '\0');
    const auto size =
        decode_base64url(text, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    if (!size) return std::nullopt;
    out.resize(*size);
    return out;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// What a token's header asks for.
struct wanted {
    const algorithm* by = nullptr;
    std::string key_id;
};

std::expected<wanted, jwt_fault> read_header(std::string_view text) {
    const auto raw = decoded(text);
    if (!raw) return std::unexpected(jwt_fault::malformed);
    const auto header = nlohmann::json::parse(*raw, nullptr, false);
    // Who does not know what is critical must refuse the token (RFC 7515 4.1.11).
    if (!header.is_object() || header.contains("crit"))
        return std::unexpected(jwt_fault::malformed);
    const auto name = header.find("alg");
    if (name == header.end() || !name->is_string()) return std::unexpected(jwt_fault::malformed);
    wanted made;
    for (const auto& each : algorithms)
        if (*name == each.name) made.by = &each;
    if (made.by == nullptr) return std::unexpected(jwt_fault::unknown_key);
    if (const auto id = header.find("kid"); id != header.end()) {
        if (!id->is_string()) return std::unexpected(jwt_fault::malformed);
        made.key_id = id->get<std::string>();
    }
    return made;
}

bool may_verify(const jwt_key& key, const wanted& asked) {
    return key.kind == asked.by->kind &&
           (key.algorithm.empty() || key.algorithm == asked.by->name) &&
           (key.id.empty() || asked.key_id.empty() || key.id == asked.key_id);
}

/// The two numbers of an ECDSA signature as OpenSSL takes them (RFC 7518 3.4).
std::optional<std::string> as_der(std::string_view raw, std::size_t half) {
    if (raw.size() != 2 * half) return std::nullopt;
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> made(ECDSA_SIG_new(),
                                                                     &ECDSA_SIG_free);
    ensure(made != nullptr, "memory for a signature");
    const auto* const at = bytes_of(raw).data();
    BIGNUM* const r = BN_bin2bn(at, int(half), nullptr);
    BIGNUM* const s = BN_bin2bn(at + half, int(half), nullptr);
    ensure(ECDSA_SIG_set0(made.get(), r, s) == 1, "it takes two numbers");
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(made.get(), &der);
    ensure(size > 0, "two numbers have a DER form");
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

bool is_signed_by(const jwt_key& key, const algorithm& by, std::string_view text,
                  std::string_view signature) {
    if (by.kind == jwt_key_kind::secret) {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> tag;
        unsigned size = 0;
        ensure(HMAC(by.digest(), key.secret.data(), int(key.secret.size()), bytes_of(text).data(),
                    text.size(), tag.data(), &size) != nullptr,
               "HMAC takes any text");
        return equal_in_constant_time(std::span<const std::uint8_t>(tag).first(size),
                                      bytes_of(signature));
    }
    std::string der;
    if (by.half != 0) {
        auto converted = as_der(signature, by.half);
        if (!converted) return false;
        der = std::move(*converted);
        signature = der;
    }
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    ensure(context != nullptr, "memory for a verification");
    EVP_PKEY_CTX* options = nullptr;
    const EVP_MD* const digest = by.digest != nullptr ? by.digest() : nullptr;
    if (EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key.key.get()) != 1)
        return false;
    if (by.is_pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    return EVP_DigestVerify(context.get(), bytes_of(signature).data(), signature.size(),
                            bytes_of(text).data(), text.size()) == 1;
}

std::expected<std::string, jwt_fault> claims_of(const parts& token) {
    auto claims = decoded(token.payload);
    if (!claims) return std::unexpected(jwt_fault::malformed);
    return std::move(*claims);
}

}  // namespace

std::expected<std::string, jwt_fault> verified_claims(std::string_view token,
                                                      const jwt_keys& keys) {
    const auto apart = take_apart(token);
    if (!apart) return std::unexpected(jwt_fault::malformed);
    const auto asked = read_header(apart->header);
    if (!asked) return std::unexpected(asked.error());
    const auto signature = decoded(apart->signature);
    if (!signature) return std::unexpected(jwt_fault::malformed);
    bool has_tried = false;
    for (const jwt_key& each : keys.all()) {
        if (!may_verify(each, *asked)) continue;
        has_tried = true;
        const bool is_genuine = is_signed_by(each, *asked->by, apart->signed_text, *signature);
        ERR_clear_error();
        if (is_genuine) return claims_of(*apart);
    }
    return std::unexpected(has_tried ? jwt_fault::forged : jwt_fault::unknown_key);
}

std::expected<std::string, jwt_fault> unverified_claims(std::string_view token) {
    const auto apart = take_apart(token);
    if (!apart) return std::unexpected(jwt_fault::malformed);
    return claims_of(*apart);
}

}  // namespace hawser::crypto
