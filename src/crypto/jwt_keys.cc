// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwt_keys.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/limits.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace hawser::crypto {

namespace {

using nlohmann::json;
using octets = std::vector<std::uint8_t>;
using maybe_key = std::optional<jwt_key>;

constexpr int rsa_bits_min = 2048;
constexpr std::size_t secret_min = 32;  // RFC 7518 3.2

template <auto Free>
struct freed_by {
    void operator()(auto* made) const noexcept { Free(made); }
};
using big_number = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using builder = std::unique_ptr<OSSL_PARAM_BLD, freed_by<OSSL_PARAM_BLD_free>>;
using parameters = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;
using key_context = std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>>;
using bio = std::unique_ptr<BIO, freed_by<BIO_free>>;
using certificate = std::unique_ptr<X509, freed_by<X509_free>>;

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* made) { return {made, EVP_PKEY_free}; }

std::string text_of(const json& from, const char* name) {
    const auto found = from.find(name);
    return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A base64url value; nothing if it is not there, or no such text.
std::optional<octets> bytes_of(const json& from, const char* name) {
    const std::string text = text_of(from, name);
    octets bytes(text.size());
    const auto size = decode_base64url(text, bytes);
    if (!size || *size == 0) return std::nullopt;
    bytes.resize(*size);
    return bytes;
}

std::shared_ptr<EVP_PKEY> from_parameters(const char* type, OSSL_PARAM_BLD* built) {
    const parameters given(OSSL_PARAM_BLD_to_param(built));
    const key_context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!given || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, given.get()) != 1)
        return nullptr;
    return shared(made);
}

/// What a public key may be used for here; nothing if it is of no kind that we verify by.
maybe_key judged(std::shared_ptr<EVP_PKEY> key) {
    if (!key) return std::nullopt;
    if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
        if (EVP_PKEY_get_bits(key.get()) < rsa_bits_min) return std::nullopt;
        return jwt_key{.kind = jwt_key_kind::rsa, .key = std::move(key)};
    }
    if (EVP_PKEY_is_a(key.get(), "ED25519") == 1)
        return jwt_key{.kind = jwt_key_kind::ed25519, .key = std::move(key)};
    if (EVP_PKEY_is_a(key.get(), "EC") != 1) return std::nullopt;
    std::array<char, 32> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), &size) != 1)
        return std::nullopt;
    const std::string_view name(group.data(), size);
    if (name == "prime256v1" || name == "P-256")
        return jwt_key{.kind = jwt_key_kind::p256, .key = std::move(key)};
    if (name == "secp384r1" || name == "P-384")
        return jwt_key{.kind = jwt_key_kind::p384, .key = std::move(key)};
    return std::nullopt;
}

std::shared_ptr<EVP_PKEY> rsa_of(const json& from) {
    const auto modulus = bytes_of(from, "n");
    const auto exponent = bytes_of(from, "e");
    if (!modulus || !exponent) return nullptr;
    const big_number n(BN_bin2bn(modulus->data(), int(modulus->size()), nullptr));
    const big_number e(BN_bin2bn(exponent->data(), int(exponent->size()), nullptr));
    const builder into(OSSL_PARAM_BLD_new());
    if (!n || !e || !into ||
        OSSL_PARAM_BLD_push_BN(into.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(into.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return from_parameters("RSA", into.get());
}

std::shared_ptr<EVP_PKEY> curve_point_of(const json& from) {
    const std::string curve = text_of(from, "crv");
    const std::size_t width = curve == "P-256" ? 32 : curve == "P-384" ? 48 : 0;
    const auto x = bytes_of(from, "x");
    const auto y = bytes_of(from, "y");
    if (width == 0 || !x || !y || x->size() != width || y->size() != width) return nullptr;
    octets point{POINT_CONVERSION_UNCOMPRESSED};
    point.insert(point.end(), x->begin(), x->end());
    point.insert(point.end(), y->begin(), y->end());
    const builder into(OSSL_PARAM_BLD_new());
    if (!into ||
        OSSL_PARAM_BLD_push_utf8_string(into.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.c_str(),
                                        curve.size()) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(into.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return from_parameters("EC", into.get());
}

std::shared_ptr<EVP_PKEY> edwards_point_of(const json& from) {
    const auto x = bytes_of(from, "x");
    if (text_of(from, "crv") != "Ed25519" || !x) return nullptr;
    return shared(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x->data(), x->size()));
}

maybe_key secret_of(const json& from) {
    auto secret = bytes_of(from, "k");
    if (!secret || secret->size() < secret_min) return std::nullopt;
    return jwt_key{.kind = jwt_key_kind::secret, .secret = std::move(*secret)};
}

maybe_key key_of(const json& from) {
    if (!from.is_object()) return std::nullopt;
    if (const auto use = text_of(from, "use"); !use.empty() && use != "sig") return std::nullopt;
    const std::string type = text_of(from, "kty");
    maybe_key made;
    if (type == "RSA") made = judged(rsa_of(from));
    if (type == "EC") made = judged(curve_point_of(from));
    if (type == "OKP") made = judged(edwards_point_of(from));
    if (type == "oct") made = secret_of(from);
    if (!made) return std::nullopt;
    made->id = text_of(from, "kid");
    made->algorithm = text_of(from, "alg");
    return made;
}

std::vector<jwt_key> keys_of_set(std::string_view text) {
    std::vector<jwt_key> all;
    const auto document = json::parse(text, nullptr, false);
    if (!document.is_object()) return all;
    const auto set = document.find("keys");
    if (set == document.end()) {
        if (auto one = key_of(document)) all.push_back(std::move(*one));
    } else if (set->is_array()) {
        for (const auto& each : *set)
            if (auto one = key_of(each)) all.push_back(std::move(*one));
    }
    return all;
}

std::vector<jwt_key> keys_of_pem(std::string_view text) {
    std::vector<jwt_key> all;
    const bio from(BIO_new_mem_buf(text.data(), int(text.size())));
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (from && PEM_read_bio(from.get(), &name, &header, &data, &size) == 1) {
        const unsigned char* at = data;
        std::shared_ptr<EVP_PKEY> key;
        if (std::string_view(name) == PEM_STRING_PUBLIC) {
            key = shared(d2i_PUBKEY(nullptr, &at, size));
        } else if (std::string_view(name) == PEM_STRING_X509) {
            const certificate one(d2i_X509(nullptr, &at, size));
            if (one) key = shared(X509_get_pubkey(one.get()));
        }
        if (auto one = judged(std::move(key))) all.push_back(std::move(*one));
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    return all;
}

}  // namespace

std::expected<jwt_keys, std::string> jwt_keys::read(std::string_view text) {
    jwt_keys made;
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != text.npos && text[first] == '{';
    made.all_ = is_json ? keys_of_set(text) : keys_of_pem(text);
    ERR_clear_error();  // what was passed over is no error of anybody's
    if (made.all_.empty())
        return std::unexpected(
            "holds no key that tokens are verified by: a JWK set, or PEM public keys or "
            "certificates, of RSA (2048 bits or more), P-256, P-384 or Ed25519");
    if (made.all_.size() > limits::jwt_keys_max)
        return std::unexpected("holds more than " + std::to_string(limits::jwt_keys_max) + " keys");
    made.digest_ = sha256(text);
    return made;
}

}  // namespace hawser::crypto
